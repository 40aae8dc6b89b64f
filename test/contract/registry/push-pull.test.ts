import { expect, it } from '@jest/globals';
import { buildImage, OCI_INDEX, OCI_MANIFEST, pushBlob, pushImage, sha256, tagImage } from '@waybill/testbed';
import { describeTargets, errorCodes } from './each-target.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const ABSENT = sha256(bytes('nothing has these bytes'));

describeTargets('push and pull', ({ registry, writer, send }) => {
  it('answers /v2/ with 200 and says which API it is', async () => {
    const { status, headers } = await send('/v2/');
    expect([status, headers.get('docker-distribution-api-version')]).toEqual([200, 'registry/2.0']);
  });

  it.each([
    { what: 'a manifest by tag', path: '/v2/absent/image/manifests/main', code: 'MANIFEST_UNKNOWN' },
    { what: 'a manifest by digest', path: `/v2/absent/image/manifests/${ABSENT}`, code: 'MANIFEST_UNKNOWN' },
    { what: 'a blob', path: `/v2/absent/image/blobs/${ABSENT}`, code: 'BLOB_UNKNOWN' },
    { what: 'the tags of a repository', path: '/v2/absent/image/tags/list', code: 'NAME_UNKNOWN' },
  ])('$what that is not there is 404 $code', async ({ path, code }) => {
    const { status, body } = await send(path);
    expect([status, errorCodes(body)]).toEqual([404, [code]]);
  });

  it('HEAD of what is not there is 404 without a body', async () => {
    for (const path of ['/v2/absent/image/manifests/main', `/v2/absent/image/blobs/${ABSENT}`]) {
      const { status, body } = await send(path, { method: 'HEAD' });
      expect([status, body.length]).toEqual([404, 0]);
    }
  });

  it('a tag that is not there, in a repository that is', async () => {
    await pushImage(writer(), { repository: 'half/there', tags: ['main'] });
    const { status, body } = await send('/v2/half/there/manifests/other');
    expect([status, errorCodes(body)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
  });

  it('a blob: uploaded in chunks, read, asked for by HEAD', async () => {
    const content = bytes('a blob that comes in two parts');
    const digest = sha256(content);
    const started = await send('/v2/blobs/chunked/blobs/uploads/', { method: 'POST' });
    expect(started.status).toBe(202);
    expect(started.headers.get('docker-upload-uuid')).toBeTruthy();
    let location = started.headers.get('location') ?? '';
    for (const part of [content.subarray(0, 10), content.subarray(10)]) {
      const headers = { 'Content-Type': 'application/octet-stream' };
      const sent = await send(location, { method: 'PATCH', headers, body: part });
      expect(sent.status).toBe(202);
      location = sent.headers.get('location') ?? '';
    }
    const finished = await send(`${location}&digest=${digest}`, { method: 'PUT' });
    expect([finished.status, finished.headers.get('docker-content-digest')]).toEqual([201, digest]);
    const read = await send(`/v2/blobs/chunked/blobs/${digest}`);
    expect([read.status, Buffer.from(read.body)]).toEqual([200, Buffer.from(content)]);
    const head = await send(`/v2/blobs/chunked/blobs/${digest}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(content.length)]);
  });

  it('a blob whose digest is another is refused', async () => {
    const started = await send('/v2/blobs/lying/blobs/uploads/', { method: 'POST' });
    const url = `${started.headers.get('location')}&digest=${ABSENT}`;
    const { status, body } = await send(url, { method: 'PUT', body: bytes('other bytes') });
    expect([status, errorCodes(body)]).toEqual([400, ['DIGEST_INVALID']]);
  });

  it('an upload that was never started is unknown', async () => {
    const { status, body } = await send('/v2/blobs/none/blobs/uploads/4f1d7bde-0000-4000-8000-000000000000', {
      method: 'GET',
    });
    // distribution keeps the upload's state in its URL, and misses that before it misses the upload.
    expect([404, ['BLOB_UPLOAD_UNKNOWN', 'BLOB_UPLOAD_INVALID']]).toEqual([
      status,
      expect.arrayContaining([...errorCodes(body)]),
    ]);
  });

  it('a manifest whose layers are missing is refused', async () => {
    const { top } = buildImage({ repository: 'incomplete/image', shape: 'manifest', platforms: ['linux/amd64'] });
    const headers = { 'Content-Type': OCI_MANIFEST };
    const { status, body } = await send('/v2/incomplete/image/manifests/main', {
      method: 'PUT',
      headers,
      body: top.bytes,
    });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(new Set(errorCodes(body))).toEqual(new Set(['MANIFEST_BLOB_UNKNOWN']));
  });

  it('an index whose manifests are missing is refused', async () => {
    const { top } = buildImage({ repository: 'incomplete/index' });
    const headers = { 'Content-Type': OCI_INDEX };
    const { status, body } = await send('/v2/incomplete/index/manifests/main', {
      method: 'PUT',
      headers,
      body: top.bytes,
    });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(new Set(errorCodes(body))).toEqual(new Set(['MANIFEST_BLOB_UNKNOWN']));
  });

  it('a manifest that is no JSON, or under another digest, is refused', async () => {
    const headers = { 'Content-Type': OCI_MANIFEST };
    const garbage = await send('/v2/bad/image/manifests/main', { method: 'PUT', headers, body: bytes('{') });
    expect([garbage.status, errorCodes(garbage.body)]).toEqual([400, ['MANIFEST_INVALID']]);
    const image = buildImage({ repository: 'bad/image', shape: 'manifest', platforms: ['linux/amd64'] });
    for (const [digest, content] of image.blobs) await pushBlob(send, 'bad/image', digest, content);
    const put = { method: 'PUT', headers, body: image.top.bytes };
    const elsewhere = await send(`/v2/bad/image/manifests/${ABSENT}`, put);
    expect([elsewhere.status, errorCodes(elsewhere.body)]).toEqual([400, ['DIGEST_INVALID']]);
  });

  it('a blob is mounted from another repository', async () => {
    const { children } = await pushImage(writer(), { repository: 'mount/from', tags: ['main'] });
    const digest = children[0]?.configDigest ?? '';
    const mounted = await send(`/v2/mount/to/blobs/uploads/?mount=${digest}&from=mount/from`, { method: 'POST' });
    // 202 is allowed too (distribution spec): this token was not asked to read the other repository.
    expect([201, 202]).toContain(mounted.status);
    const there = await send(`/v2/mount/to/blobs/${digest}`, { method: 'HEAD' });
    expect(there.status).toBe(mounted.status === 201 ? 200 : 404);
    if (registry().writer === undefined) expect(mounted.status).toBe(201);
  });

  it('a manifest deleted by digest is gone, with its tag', async () => {
    const { digest } = await pushImage(writer(), { repository: 'gone/image', tags: ['main'] });
    expect((await send(`/v2/gone/image/manifests/${digest}`, { method: 'DELETE' })).status).toBe(202);
    for (const reference of ['main', digest]) {
      const { status, body } = await send(`/v2/gone/image/manifests/${reference}`);
      expect([status, errorCodes(body)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
    }
  });

  it('a second tag is a push of the same bytes', async () => {
    const { digest } = await pushImage(writer(), { repository: 'twice/tagged', tags: ['main'] });
    await tagImage(writer(), 'twice/tagged', 'main', ['v1.0.0', 'stable']);
    for (const tag of ['v1.0.0', 'stable']) {
      expect(
        (await send(`/v2/twice/tagged/manifests/${tag}`, { method: 'HEAD' })).headers.get('docker-content-digest'),
      ).toBe(digest);
    }
  });
});
