import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  DOCKER_SCHEMA1_SIGNED,
  OCI_INDEX,
  OCI_MANIFEST,
  type PushedImage,
  pushImage,
  sha256,
} from '@waybill/testbed';
import { describeTargets, errorCodes } from './each-target.js';

/** Observed with distribution 2.8.2, registry/handlers/manifests.go: a wrong Accept looks like a missing tag. */
describeTargets('Accept', ({ writer, send }) => {
  const images: Record<string, PushedImage> = {};
  const get = (image: PushedImage | undefined, reference: string, accept: string) =>
    send(`/v2/${image?.repository}/manifests/${reference}`, { headers: { Accept: accept } });

  beforeAll(async () => {
    const single = { shape: 'manifest', platforms: ['linux/amd64'], tags: ['main'] } as const;
    images.index = await pushImage(writer(), { repository: 'accept/index', tags: ['main'] });
    images.manifest = await pushImage(writer(), { repository: 'accept/manifest', ...single });
    images.list = await pushImage(writer(), { repository: 'accept/list', format: 'docker', tags: ['main'] });
    images.schema2 = await pushImage(writer(), { repository: 'accept/schema2', format: 'docker', ...single });
  });

  describe.each([
    { kind: 'index', accept: `${OCI_MANIFEST}, ${DOCKER_MANIFEST_LIST}` },
    { kind: 'index', accept: '*/*' },
    { kind: 'manifest', accept: DOCKER_MANIFEST },
    { kind: 'manifest', accept: '*/*' },
  ])('an OCI $kind asked for with $accept', ({ kind, accept }) => {
    it.each(['by tag', 'by digest'])('is 404 MANIFEST_UNKNOWN, %s', async (how) => {
      const image = images[kind];
      const { status, body } = await get(image, how === 'by tag' ? 'main' : (image?.digest ?? ''), accept);
      expect([status, errorCodes(body)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
    });
  });

  it.each([
    { kind: 'index', accept: `${OCI_MANIFEST},${OCI_INDEX}` },
    { kind: 'index', accept: `${OCI_INDEX};q=0.5` },
    { kind: 'list', accept: DOCKER_MANIFEST_LIST },
    { kind: 'schema2', accept: DOCKER_MANIFEST },
  ])('$kind is given to $accept', async ({ kind, accept }) => {
    const image = images[kind];
    const { status, body } = await get(image, 'main', accept);
    expect([status, sha256(body)]).toEqual([200, image?.digest]);
  });

  it('a Docker list that is not accepted becomes its linux/amd64 manifest, by tag', async () => {
    const image = images.list;
    const { status, headers, body } = await get(image, 'main', DOCKER_MANIFEST);
    expect([status, headers.get('content-type')]).toEqual([200, DOCKER_MANIFEST]);
    expect(sha256(body)).toBe(image?.children.find(({ platform }) => platform === 'linux/amd64')?.digest);
  });

  it('a Docker list that is not accepted stays a list, by digest', async () => {
    const image = images.list;
    const { status, body } = await get(image, image?.digest ?? '', DOCKER_MANIFEST);
    expect([status, sha256(body)]).toEqual([200, image?.digest]);
  });

  it.each(['schema2', 'list'])(
    'a client that accepts nothing current gets a %s as signed schema1, by tag',
    async (kind) => {
      const { status, headers, body } = await get(images[kind], 'main', 'application/json');
      expect([status, headers.get('content-type')]).toEqual([200, DOCKER_SCHEMA1_SIGNED]);
      // It is the digest of the payload without the signatures: hashing the body can't confirm it.
      expect(headers.get('docker-content-digest')).not.toBe(sha256(body));
    },
  );

  it('a schema2 manifest stays one by digest, whatever is accepted', async () => {
    const image = images.schema2;
    const { status, body } = await get(image, image?.digest ?? '', 'application/json');
    expect([status, sha256(body)]).toEqual([200, image?.digest]);
  });
});
