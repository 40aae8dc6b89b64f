import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sha256 } from './digest.js';
import { type BuiltImage, buildImage, type ImageSpec } from './image.js';
import { DOCKER_MANIFEST, DOCKER_MANIFEST_LIST, OCI_INDEX, OCI_MANIFEST } from './media-types.js';

interface Manifest {
  readonly mediaType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}
interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

const decode = <T>(bytes: Uint8Array | undefined): T => JSON.parse(Buffer.from(bytes ?? []).toString('utf8')) as T;
const manifestOf = (bytes: Uint8Array) => decode<Manifest>(bytes);
const configs = (image: BuiltImage) =>
  image.children.map((child) =>
    decode<{ readonly config: { readonly Labels?: Readonly<Record<string, string>> }; readonly created?: string }>(
      image.blobs.get(child.configDigest),
    ),
  );
const REVISION = 'org.opencontainers.image.revision';
const CREATED = 'org.opencontainers.image.created';

describe('buildImage', () => {
  it('gives digests that do not depend on the machine or the Node version', () => {
    const image = buildImage({
      repository: 'o/api',
      attestations: true,
      revision: 'abc',
      created: '2026-01-02T03:04:05Z',
    });
    expect(image.top.digest).toBe('sha256:84757141e3c1cb1e1ec7d06c4dd6acb03c4571b39278b6a6e7eb1e3c30f53a25');
  });

  it.each<{ readonly name: string; readonly spec: Omit<ImageSpec, 'repository'>; readonly types: readonly string[] }>([
    { name: 'OCI index', spec: {}, types: [OCI_INDEX, OCI_MANIFEST, OCI_MANIFEST] },
    {
      name: 'attested',
      spec: { attestations: true },
      types: [OCI_INDEX, OCI_MANIFEST, OCI_MANIFEST, OCI_MANIFEST, OCI_MANIFEST],
    },
    {
      name: 'Docker list',
      spec: { format: 'docker' },
      types: [DOCKER_MANIFEST_LIST, DOCKER_MANIFEST, DOCKER_MANIFEST],
    },
    {
      name: 'single OCI',
      spec: { shape: 'manifest', platforms: ['linux/amd64'] },
      types: [OCI_MANIFEST, OCI_MANIFEST],
    },
    {
      name: 'single Docker',
      spec: { shape: 'manifest', platforms: ['linux/amd64'], format: 'docker' },
      types: [DOCKER_MANIFEST, DOCKER_MANIFEST],
    },
  ])('$name: media types, in the manifests too', ({ spec, types }) => {
    const image = buildImage({ repository: 'o/api', ...spec });
    const manifests = [image.top, ...image.children];
    expect(manifests.map(({ mediaType }) => mediaType)).toEqual(types);
    expect(manifests.map(({ bytes }) => manifestOf(bytes).mediaType)).toEqual(types);
  });

  it('writes attestations as buildx does: an unknown platform, and the digest of what they are about', () => {
    const { top, children } = buildImage({ repository: 'o/api', platforms: ['linux/arm/v7'], attestations: true });
    const [image, attestation] = manifestOf(top.bytes).manifests ?? [];
    expect(image?.platform).toEqual({ os: 'linux', architecture: 'arm', variant: 'v7' });
    expect(attestation?.platform).toEqual({ os: 'unknown', architecture: 'unknown' });
    expect(attestation?.annotations).toEqual({
      'vnd.docker.reference.digest': image?.digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    });
    expect(children.map(({ attestation: is }) => is)).toEqual([false, true]);
  });

  it.each<{
    readonly metadata: 'annotations' | 'labels' | 'both' | undefined;
    readonly annotated: boolean;
    readonly labelled: boolean;
  }>([
    { metadata: undefined, annotated: true, labelled: true },
    { metadata: 'both', annotated: true, labelled: true },
    { metadata: 'annotations', annotated: true, labelled: false },
    { metadata: 'labels', annotated: false, labelled: true },
  ])('revision and created stand where metadata says: $metadata', ({ metadata, annotated, labelled }) => {
    const own = { [REVISION]: 'abc', [CREATED]: '2026-01-02T03:04:05Z' };
    const image = buildImage({
      repository: 'o/api',
      revision: own[REVISION] ?? '',
      created: own[CREATED] ?? '',
      ...(metadata === undefined ? {} : { metadata }),
    });
    expect(manifestOf(image.top.bytes).annotations).toEqual(annotated ? own : undefined);
    for (const { config, created } of configs(image)) {
      expect(config.Labels).toEqual(labelled ? own : {});
      expect(created).toBe('2026-01-02T03:04:05Z');
    }
  });

  it('annotations go to the index, manifestAnnotations below it, labels into configs; what is given wins', () => {
    const image = buildImage({
      repository: 'o/api',
      revision: 'abc',
      annotations: { [REVISION]: 'def', a: '1' },
      manifestAnnotations: { b: '2' },
      labels: { c: '3' },
      metadata: 'annotations',
    });
    expect(manifestOf(image.top.bytes).annotations).toEqual({ [REVISION]: 'def', a: '1' });
    expect(image.children.map(({ bytes }) => manifestOf(bytes).annotations)).toEqual([{ b: '2' }, { b: '2' }]);
    expect(configs(image).map(({ config }) => config.Labels)).toEqual([{ c: '3' }, { c: '3' }]);
  });

  it('a single manifest is for one platform', () => {
    expect(() => buildImage({ repository: 'o/api', shape: 'manifest' })).toThrow('exactly one platform');
  });

  it('whatever the spec: the same twice, every descriptor right, and another seed another digest', () => {
    const specs = fc.record(
      {
        repository: fc.constantFrom('o/api', 'o/web'),
        platforms: fc.uniqueArray(fc.constantFrom('linux/amd64', 'linux/arm64', 'linux/arm/v7', 'windows/amd64'), {
          minLength: 1,
        }),
        format: fc.constantFrom('oci' as const, 'docker' as const),
        attestations: fc.boolean(),
        annotations: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
        seed: fc.string(),
        omitMediaType: fc.boolean(),
      },
      { requiredKeys: ['repository'] },
    );
    fc.assert(
      fc.property(specs, (spec) => {
        const image = buildImage(spec);
        expect(buildImage(spec).top).toEqual(image.top);
        expect(buildImage({ ...spec, seed: `${spec.seed ?? ''}+` }).top.digest).not.toBe(image.top.digest);
        const contents = new Map([
          ...image.blobs,
          ...image.children.map(({ digest, bytes }) => [digest, bytes] as const),
        ]);
        for (const [digest, bytes] of contents) expect(sha256(bytes)).toBe(digest);
        for (const { bytes } of [image.top, ...image.children]) {
          const { manifests = [], layers = [], config } = manifestOf(bytes);
          for (const { digest, size } of [...manifests, ...layers, ...(config === undefined ? [] : [config])]) {
            expect(contents.get(digest)?.length).toBe(size);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});
