import { expect, it } from '@jest/globals';
import { pushImage } from '@waybill/testbed';
import { describeTargets } from './each-target.js';

const TAGS = ['main', 'v1.10.0', 'v1.2.0', 'latest', 'sha-0123abc', '_under', 'UPPER', 'a.b-c_d'];

describeTargets('tags', ({ writer, send }) => {
  const list = async (path: string) => {
    const { status, headers, body } = await send(path);
    const page = JSON.parse(Buffer.from(body).toString('utf8')) as {
      readonly name: string;
      readonly tags: readonly string[] | null;
    };
    return { status, page, link: headers.get('link') };
  };

  it('lists every tag once, whatever the order they came in', async () => {
    await pushImage(writer(), { repository: 'tags/many', tags: TAGS, shape: 'manifest', platforms: ['linux/amd64'] });
    const { status, page, link } = await list('/v2/tags/many/tags/list');
    expect([status, page.name, link]).toEqual([200, 'tags/many', null]);
    expect([...(page.tags ?? [])].sort()).toEqual([...TAGS].sort());
  });

  it('following Link to the end gives every tag once, whether or not the registry pages', async () => {
    const tags = Array.from({ length: 25 }, (_, at) => `build-${at}`);
    await pushImage(writer(), { repository: 'tags/paged', tags, shape: 'manifest', platforms: ['linux/amd64'] });
    const seen: string[] = [];
    let next: string | undefined = '/v2/tags/paged/tags/list?n=10';
    while (next !== undefined && seen.length <= tags.length) {
      const { page, link } = await list(next);
      seen.push(...(page.tags ?? []));
      next = /^<([^>]+)>; rel="next"$/.exec(link ?? '')?.[1];
    }
    expect(seen.sort()).toEqual([...tags].sort());
  });

  it('a digest that was pushed without a tag is in no list', async () => {
    const { digest } = await pushImage(writer(), { repository: 'tags/some', seed: 'untagged' });
    await pushImage(writer(), { repository: 'tags/some', tags: ['main'], seed: 'tagged' });
    expect((await list('/v2/tags/some/tags/list')).page.tags).toEqual(['main']);
    expect((await send(`/v2/tags/some/manifests/${digest}`)).status).toBe(200);
  });

  it('a repository whose last tag went answers null or an empty list', async () => {
    const { digest } = await pushImage(writer(), { repository: 'tags/none', tags: ['main'] });
    await send(`/v2/tags/none/manifests/${digest}`, { method: 'DELETE' });
    const { status, page } = await list('/v2/tags/none/tags/list');
    expect([status, page.tags ?? []]).toEqual([200, []]);
  });
});
