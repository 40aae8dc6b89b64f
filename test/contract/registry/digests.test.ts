import { beforeAll, expect, it } from '@jest/globals';
import {
  ACCEPT_ALL_MANIFESTS,
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  type ImageSpec,
  OCI_INDEX,
  OCI_MANIFEST,
  type PushedImage,
  pushImage,
  sha256,
  skopeoDigest,
} from '@waybill/testbed';
import { describeTargets, itAsksSkopeo } from './each-target.js';

const SHAPES: readonly {
  readonly name: string;
  readonly mediaType: string;
  readonly spec: Omit<ImageSpec, 'repository'>;
}[] = [
  { name: 'OCI index', mediaType: OCI_INDEX, spec: {} },
  { name: 'OCI index with attestations', mediaType: OCI_INDEX, spec: { attestations: true } },
  {
    name: 'OCI index with annotations and variants',
    mediaType: OCI_INDEX,
    spec: {
      platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'],
      annotations: { 'org.opencontainers.image.version': '1.2.3', 'org.example.text': 'grüße "quoted"' },
      revision: '0123456789abcdef0123456789abcdef01234567',
      created: '2026-03-04T05:06:07Z',
    },
  },
  { name: 'OCI index without mediaType', mediaType: OCI_INDEX, spec: { omitMediaType: true } },
  { name: 'OCI manifest', mediaType: OCI_MANIFEST, spec: { shape: 'manifest', platforms: ['linux/amd64'] } },
  { name: 'Docker manifest list', mediaType: DOCKER_MANIFEST_LIST, spec: { format: 'docker' } },
  {
    name: 'Docker schema2 manifest',
    mediaType: DOCKER_MANIFEST,
    spec: { format: 'docker', shape: 'manifest', platforms: ['linux/amd64'] },
  },
];

describeTargets('digests', ({ registry, writer, send }) => {
  const pushed = new Map<string, PushedImage>();
  const imageOf = (name: string): PushedImage => {
    const image = pushed.get(name);
    if (image === undefined) throw new Error(`${name} was not pushed`);
    return image;
  };

  beforeAll(async () => {
    for (const [at, { name, spec }] of SHAPES.entries()) {
      pushed.set(name, await pushImage(writer(), { ...spec, repository: `shapes/image-${at}`, tags: ['main'] }));
    }
  });

  for (const { name } of SHAPES) {
    itAsksSkopeo(`${name}: skopeo computes the digest that was pushed`, async () => {
      const { repository, digest } = imageOf(name);
      expect(await skopeoDigest(`${registry().host}/${repository}:main`, registry().writer)).toBe(digest);
    });
  }

  it.each(SHAPES)(
    '$name: GET by tag and by digest give the same bytes, which hash to it',
    async ({ name, mediaType }) => {
      const { repository, digest, size } = imageOf(name);
      for (const reference of ['main', digest]) {
        const { status, headers, body } = await send(`/v2/${repository}/manifests/${reference}`);
        expect({ status, type: headers.get('content-type'), size: body.length }).toEqual({
          status: 200,
          type: mediaType,
          size,
        });
        expect(sha256(body)).toBe(digest);
        expect(headers.get('docker-content-digest')).toBe(digest);
      }
    },
  );

  it.each(SHAPES)('$name: HEAD says what GET says, without a body', async ({ name, mediaType }) => {
    const { repository, digest, size } = imageOf(name);
    const { status, headers, body } = await send(`/v2/${repository}/manifests/main`, { method: 'HEAD' });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe(mediaType);
    expect(headers.get('content-length')).toBe(String(size));
    expect(headers.get('docker-content-digest')).toBe(digest);
    expect(body).toHaveLength(0);
  });

  it.each(SHAPES)('$name: every child and config can be read by its digest', async ({ name }) => {
    const { repository, children } = imageOf(name);
    for (const child of children) {
      const manifest = await send(`/v2/${repository}/manifests/${child.digest}`);
      expect([manifest.status, sha256(manifest.body)]).toEqual([200, child.digest]);
      const config = await send(`/v2/${repository}/blobs/${child.configDigest}`);
      expect([config.status, sha256(config.body)]).toEqual([200, child.configDigest]);
    }
  });

  itAsksSkopeo('skopeo agrees on a child asked for by digest', async () => {
    const { repository, children } = imageOf('OCI index with attestations');
    const digests = children.filter(({ platform }) => platform === 'linux/amd64').map(({ digest }) => digest);
    for (const digest of digests) {
      expect(await skopeoDigest(`${registry().host}/${repository}@${digest}`, registry().writer)).toBe(digest);
    }
    expect(digests).toHaveLength(1);
  });

  itAsksSkopeo('a moved tag points at the new digest, and the old one stays readable', async () => {
    const repository = 'moving/image';
    const before = await pushImage(writer(), { repository, tags: ['main'], seed: 'one' });
    const after = await pushImage(writer(), { repository, tags: ['main'], seed: 'two' });
    expect(after.digest).not.toBe(before.digest);
    expect(await skopeoDigest(`${registry().host}/${repository}:main`, registry().writer)).toBe(after.digest);
    const old = await send(`/v2/${repository}/manifests/${before.digest}`);
    expect([old.status, sha256(old.body)]).toEqual([200, before.digest]);
  });

  it('answers 304 to the ETag it gave, asked by digest', async () => {
    const { repository, digest } = imageOf('OCI index');
    const path = `/v2/${repository}/manifests/${digest}`;
    const etag = (await send(path)).headers.get('etag') ?? '';
    const again = await send(path, { headers: { Accept: ACCEPT_ALL_MANIFESTS, 'If-None-Match': etag } });
    expect([etag.length > 0, again.status, again.body.length]).toEqual([true, 304, 0]);
  });
});
