import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digestOf, isAttestation, type ManifestAnswer, parseManifest, parsePlatform } from './manifest.js';

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';

const digest = (fill: string): string => `sha256:${fill.repeat(64)}`;
const descriptor = (mediaType: string, fill = 'a') => ({ mediaType, digest: digest(fill), size: 2 });
const image = { schemaVersion: 2, config: descriptor(CONFIG), layers: [] };
const index = { schemaVersion: 2, manifests: [descriptor(OCI_MANIFEST)] };

function parse(value: unknown, contentType: string | null, more: Partial<ManifestAnswer> = {}) {
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(JSON.stringify(value));
  return parseManifest({ bytes, contentType, headerDigest: null, image: 'x.example/o/api:main', ...more });
}

describe('parseManifest takes', () => {
  it.each([
    ['an OCI index', { ...index, mediaType: OCI_INDEX }, OCI_INDEX, 'index', OCI_INDEX],
    ['an OCI index that does not name itself', index, OCI_INDEX, 'index', OCI_INDEX],
    ['an OCI index that nobody names', index, null, 'index', OCI_INDEX],
    ['an OCI manifest that nobody names', image, 'application/json', 'image', OCI_MANIFEST],
    ['a Docker list', { ...index, mediaType: DOCKER_LIST }, DOCKER_LIST, 'index', DOCKER_LIST],
    ['a Docker manifest', { ...image, mediaType: DOCKER_MANIFEST }, DOCKER_MANIFEST, 'image', DOCKER_MANIFEST],
    [
      'a type with parameters',
      { ...image, mediaType: OCI_MANIFEST },
      `${OCI_MANIFEST}; charset=utf-8`,
      'image',
      OCI_MANIFEST,
    ],
    ['a type in capitals', image, OCI_MANIFEST.toUpperCase(), 'image', OCI_MANIFEST],
    [
      'the field where the header is vague',
      { ...image, mediaType: DOCKER_MANIFEST },
      'text/plain',
      'image',
      DOCKER_MANIFEST,
    ],
  ])('%s', (_name, value, contentType, kind, mediaType) => {
    const manifest = parse(value, contentType);
    expect(manifest).toMatchObject({ kind, mediaType });
    expect(manifest.digest).toBe(digestOf(Buffer.from(JSON.stringify(value))));
  });

  it('children with their platforms, whatever else they hold', () => {
    const children = [
      {
        ...descriptor(OCI_MANIFEST, 'a'),
        platform: { os: 'linux', architecture: 'arm', variant: 'v7', 'os.features': [] },
      },
      {
        ...descriptor(OCI_MANIFEST, 'b'),
        platform: { os: 'unknown', architecture: 'unknown' },
        annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
      },
      { ...descriptor(OCI_MANIFEST, 'c') },
    ];
    const manifest = parse({ ...index, manifests: children }, OCI_INDEX);
    if (manifest.kind !== 'index') throw new Error('not an index');
    expect(manifest.manifests.map((child) => child.platform)).toEqual([
      { os: 'linux', architecture: 'arm', variant: 'v7' },
      undefined,
      undefined,
    ]);
    expect(manifest.manifests.map(isAttestation)).toEqual([false, true, false]);
  });

  it('only text for annotations, and no trick with their names', () => {
    const text =
      '{"schemaVersion":2,"config":{"mediaType":"x","digest":"' +
      digest('a') +
      '"},"layers":[],"annotations":{"a":"b","n":1,"__proto__":"p"}}';
    const { annotations } = parse(text, OCI_MANIFEST);
    expect(Object.entries(annotations)).toEqual([
      ['a', 'b'],
      ['__proto__', 'p'],
    ]);
    expect(Object.getPrototypeOf(annotations)).toBe(Object.getPrototypeOf({}));
  });
});

describe('parseManifest refuses', () => {
  it.each([
    ['what is no JSON', '<html></html>', OCI_INDEX, /not a JSON object/],
    ['a list', [index], OCI_INDEX, /not a JSON object/],
    ['bytes that are no UTF-8', 'latin1', OCI_INDEX, /not a JSON object/],
    ['a web page', '<html></html>', 'text/html; charset=utf-8', /web page/],
    ['two types', { ...index, mediaType: OCI_INDEX }, OCI_MANIFEST, /says it is/],
    ['a field that is no text', { ...index, mediaType: 7 }, OCI_INDEX, /no text/],
    [
      'a type of something else',
      { ...image, mediaType: 'application/vnd.oci.artifact.manifest.v1+json' },
      null,
      /are not images/,
    ],
    ['index and image at once', { ...index, ...image }, OCI_INDEX, /can be read as an index and as an image/],
    ['index and layers at once', { ...index, layers: [] }, OCI_INDEX, /can be read as/],
    ['neither', { schemaVersion: 2 }, OCI_MANIFEST, /can be read as/],
    ['an index called an image', index, OCI_MANIFEST, /shape/],
    ['an image called an index', image, DOCKER_LIST, /shape/],
    ['children that are no list', { ...index, manifests: {} }, OCI_INDEX, /no list/],
    ['a child without a digest', { ...index, manifests: [{ mediaType: OCI_MANIFEST }] }, OCI_INDEX, /descriptor/],
    [
      'a child with half a digest',
      { ...index, manifests: [{ mediaType: OCI_MANIFEST, digest: 'sha256:abc' }] },
      OCI_INDEX,
      /descriptor/,
    ],
    ['an image without a config', { ...image, config: null }, OCI_MANIFEST, /descriptor/],
    [
      'schema 1 by its type',
      { schemaVersion: 1 },
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
      /schema 1/,
    ],
    [
      'schema 1 by its unsigned type',
      { schemaVersion: 1 },
      'application/vnd.docker.distribution.manifest.v1+json',
      /schema 1/,
    ],
    ['schema 1 by its version', { schemaVersion: 1, fsLayers: [] }, 'application/json', /schema 1/],
  ])('%s', (_name, value, contentType, message) => {
    const bytes = value === 'latin1' ? Buffer.from('{"a":"\xff"}', 'latin1') : undefined;
    const attempt = () => parse(value, contentType, bytes === undefined ? {} : { bytes });
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ code: 'registry-protocol' }));
  });

  it('text from the registry only as one plain line', () => {
    const mediaType = 'evil\n::error::x\u202e';
    expect(() => parse({ ...image, mediaType }, null)).toThrow(/Manifests of type evil ::error::x are not images/);
  });
});

describe('digests', () => {
  const bytes = Buffer.from(JSON.stringify(image));
  const right = digestOf(bytes);

  it('are compared with the one asked for and the one in the header', () => {
    expect(parse(image, OCI_MANIFEST, { expected: right, headerDigest: right }).digest).toBe(right);
    expect(() => parse(image, OCI_MANIFEST, { expected: digest('0') })).toThrow(/as asked for/);
    expect(() => parse(image, OCI_MANIFEST, { headerDigest: digest('0') })).toThrow(/the registry says/i);
    expect(() => parse(image, OCI_MANIFEST, { expected: right, headerDigest: digest('0') })).toThrow(
      /the registry says/i,
    );
  });

  it.each([null, '', 'sha256:abc', 'md5:00', digest('G')])('a header %p says nothing', (headerDigest) => {
    expect(parse(image, OCI_MANIFEST, { headerDigest }).digest).toBe(right);
  });

  it('of other algorithms are checked by their own', () => {
    const longer = digestOf(bytes, 'sha512:');
    expect(longer).toHaveLength('sha512:'.length + 128);
    expect(parse(image, OCI_MANIFEST, { expected: longer, headerDigest: longer }).digest).toBe(longer);
    expect(parse(image, OCI_MANIFEST, { headerDigest: longer }).digest).toBe(right);
    expect(() => parse(image, OCI_MANIFEST, { headerDigest: `sha512:${'0'.repeat(128)}` })).toThrow(
      /the registry says/i,
    );
  });

  it('change with every byte', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ difference;
        expect(() => parse(image, OCI_MANIFEST, { bytes: other, expected: right })).toThrow(/as asked for/);
      }),
    );
  });
});

describe('parsePlatform', () => {
  it.each([
    [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'amd64' },
    ],
    [
      { os: 'linux', architecture: 'arm64', variant: '' },
      { os: 'linux', architecture: 'arm64' },
    ],
    [{ os: 'unknown', architecture: 'unknown' }, undefined],
    [{ os: '', architecture: 'amd64' }, undefined],
    [{ architecture: 'amd64' }, undefined],
    [{ os: 'linux\n::error::', architecture: 'amd64' }, undefined],
    [{ os: 'a/b', architecture: 'amd64' }, undefined],
  ])('%j', (value, expected) => {
    expect(parsePlatform(value)).toEqual(expected);
  });
});
