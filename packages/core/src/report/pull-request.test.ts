import { describe, expect, it } from '@jest/globals';
import { promotionName } from '../freight/index.js';
import type { OpenPromotion } from '../ledger/state.js';
import type { Images } from '../plan/test-world.js';
import { digest, freight, type GivenWorld, ledger, NOW, values, world } from '../plan/test-world.js';
import { promotionEdits } from '../stage/edits.js';
import { pullRequestBody, pullRequestTitle } from './pull-request.js';

const SOURCE = 'https://github.com/acme/api';
const BEFORE: Images = { api: { digest: digest('a1'), revision: '1'.repeat(40), source: SOURCE }, web: 'b1' };
const AFTER: Images = {
  api: { digest: digest('a2'), revision: '2'.repeat(40), source: SOURCE, tag: '2.0.0' },
  web: 'b1',
};
const FILES = {
  'env/staging/api.yaml': values('api', 'a1'),
  'env/staging/job.yaml': values('api', ':1.0.0'),
  'env/staging/web.yaml': values('web', 'b1'),
};

/** Title and body of a Promotion of `images` to staging, which has `BEFORE`. */
function rendered(images: Images, promotion: Partial<OpenPromotion> = {}, given: GivenWorld = {}) {
  const old = freight(BEFORE, { at: '2026-11-18T08:00:00.000Z', verified: { dev: 0 } });
  const record = freight(images, { at: '2026-11-19T08:00:00.000Z', verified: { dev: 0 } });
  const current = { freight: old.freight.id, since: '2026-11-18T09:00:00.000Z' };
  const there = world({ files: FILES, state: ledger([old, record], { staging: { current } }), ...given });
  const tree = there.trees.get('staging');
  const warehouse = there.config.warehouses.get('platform');
  if (tree === undefined || warehouse === undefined) throw new Error('no staging');
  const edits = promotionEdits(tree, record.freight, warehouse);
  if (edits.kind === 'refused') throw edits.refusals[0];
  const open: OpenPromotion = {
    name: promotionName('staging', new Date(NOW), new Uint8Array(10), record.freight.id),
    stage: 'staging',
    warehouse: 'platform',
    freight: record.freight.id,
    requestedBy: { kind: 'person', login: 'ada' },
    requestedAt: NOW,
    base: 'base',
    edits: edits.edits,
    autoMerge: false,
    newest: true,
    ...promotion,
  };
  const facts = {
    world: there,
    state: there.ledger.state,
    stage: tree.stage,
    freight: record.freight,
    promotion: open,
    edits,
  };
  return { title: pullRequestTitle(tree.stage, record.freight, edits), body: pullRequestBody(facts) };
}

describe('a promotion’s pull request', () => {
  it('lets a reviewer decide', () => {
    const { title, body } = rendered(AFTER, { reason: 'the release of November' });
    expect(title).toMatchInlineSnapshot(`"staging ← platform e1e0caf: api (1 of 2)"`);
    expect(body).toMatchInlineSnapshot(`
"<!-- waybill:promotion=staging.01m7wd7tg00000000000000000.e1e0caf -->

Puts Freight \`e1e0caf\` (dawn-mandrill) of Warehouse \`platform\` into Stage \`staging\`, by digest.

Asked for by \`ada\` at 2026-11-20 12:00 UTC&#x200B;: the release of November

### What changes

| Image | From | To | Commits | Where |
| --- | --- | --- | --- | --- |
| \`ghcr.io/acme/api\` | \`a1a1a1a1a1a1\`, \`1.0.0\` not pinned | \`2.0.0\` \`a2a2a2a2a2a2\` | [\`1111111..2222222\`](https://github.com/acme/api/compare/1111111111111111111111111111111111111111...2222222222222222222222222222222222222222) | \`env/staging/api.yaml:3\`, \`env/staging/job.yaml:3\` |

### What it has been through

- Discovered at 2026-11-19 08:00 UTC
- Verified in \`dev\` at 2026-11-19 08:00 UTC

### What is not in it

- staging has these digests already: \`ghcr.io/acme/web\`

### How to roll back

Run the promote workflow with stage \`staging\` and freight \`7d3e72a49f91789bedf3c885d9254e98d012b3f3\` (tender-tiger), which it has now. Auto-promotion then pauses until someone promotes the newest Freight.

Promotion \`staging.01m7wd7tg00000000000000000.e1e0caf\`. A person reviews and merges it."
`);
  });

  it('says what is not in it', () => {
    const template = '{{ if .x }}\nimage: ghcr.io/other/thing:{{ .tag }}\n{{ end }}\n';
    const files = { 'env/staging/api.yaml': values('api', 'a1'), 'env/staging/chart.yaml': template };
    const { title, body } = rendered(AFTER, { requestedBy: { kind: 'automation' }, autoMerge: true }, { files });
    expect(title).toMatchInlineSnapshot(`"staging ← platform e1e0caf: api (1 of 2)"`);
    expect(section(body, 'What is not in it')).toMatchInlineSnapshot(`
"- staging has no reference to \`ghcr.io/acme/web\`
- Not read, and names none of these images: \`env/staging/chart.yaml\` (it is a template, not YAML)"
`);
    expect(body).toContain('Asked for by auto-promotion at 2026-11-20 12:00 UTC\n');
    expect(body).toContain('It merges by itself once its required checks have passed.');
  });

  it('does not say that an image that is only tracked is there', () => {
    const waybill = `apiVersion: waybill/v1
warehouses:
  platform:
    images:
      - {strategy: Digest, constraint: main, repos: [ghcr.io/acme/api]}
      - {strategy: Digest, constraint: main, repos: [ghcr.io/acme/web], trackOnly: true}
stages:
  staging: {from: platform, updates: [{images: "env/staging/**"}]}
`;
    const { body } = rendered(AFTER, {}, { waybill, policies: undefined });
    expect(section(body, 'What is not in it')).toMatchInlineSnapshot(
      `"- Only tracked, never written: \`ghcr.io/acme/web\`"`,
    );
  });

  it('counts, and shortens what is long', () => {
    const names = ['one', 'two', 'three', 'four', 'five', 'six'];
    const waybill = `apiVersion: waybill/v1
warehouses:
  platform: {images: {strategy: Digest, constraint: main, repos: [${names.map((name) => `ghcr.io/acme/${name}`).join(', ')}]}}
stages:
  staging: {from: platform, updates: [{images: "env/staging/**"}]}
`;
    const files = Object.fromEntries(
      names.map((name) => [`env/staging/${name}.yaml`, values(name, name === 'six' ? 'f' : 'a')]),
    );
    const images = Object.fromEntries(names.map((name) => [name, 'f']));
    expect(rendered(images, {}, { waybill, policies: undefined, files }).title).toMatch(
      /^staging ← platform [0-9a-f]{7}: one, two, three and 2 more \(5 of 6\)$/,
    );
  });

  it('links only to the forge, and to commits alone', () => {
    const evil = (source: string, revision = '2'.repeat(40)) =>
      rendered({ api: { digest: digest('a2'), revision, source }, web: 'b1' }).body;
    expect(evil('https://evil.example/acme/api')).not.toContain('](https://evil');
    expect(evil('javascript:alert(1)')).not.toMatch(/\]\(javascript/);
    expect(evil('https://github.com/acme/gitops/actions/../settings')).not.toContain('](');
    expect(evil(SOURCE, 'main) [x](https://evil.example')).not.toContain('](');
    expect(evil(SOURCE)).toContain('](https://github.com/acme/api/compare/1111111');
  });

  it('shows foreign text as text: no mention, reference, tag or line of its own', () => {
    const foreign = 'Fixes #1 @acme/team\n\n</details><!-- --> [x](https://evil.example) | `y` https://evil.example';
    const { body } = rendered(
      { api: { digest: digest('a2'), tag: 'v1`|@team', revision: foreign, source: foreign }, web: 'b1' },
      { reason: foreign, requestedBy: { kind: 'person', login: foreign } },
      { files: { ...FILES, 'env/staging/@team|Fixes #1.yaml': values('api', 'a1') } },
    );
    expect(body).not.toMatch(/(^|[^\w&\u200b])@[\w]/);
    expect(body).not.toMatch(/#\d/);
    expect(body).not.toContain('</details>');
    expect(body).not.toContain('](https://evil');
    expect(body.match(/<!--/g)).toHaveLength(1);
    expect(
      body
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.split(/(?<!\\)\|/).length),
    ).toEqual([7, 7, 7]);
    expect(section(body, 'Promotion').split('\n').at(-1)).toMatchInlineSnapshot(
      `"Asked for by <code>Fixes #&#x200B;1 @&#x200B;acme/team↵↵&lt;/details&gt;&lt;!-- --&gt; &#x5B;x&#x5D;&#x28;https:&#x200B;//evil.example&#x29; &#x7C; &#x60;y&#x60; https:&#x200B;//evil.example</code> at 2026-11-20 12:00 UTC&#x200B;: Fixes #&#x200B;1 @&#x200B;acme/team↵↵&lt;/details&gt;&lt;!-- --&gt; \\[x\\]\\(https:&#x200B;//evil.example\\) &#x7C; &#x60;y&#x60; https:&#x200B;//evil.example"`,
    );
  });
});

/** The text below one of the body's headings; the introduction's, `Promotion`, has none. */
function section(body: string, title: string): string {
  if (title === 'Promotion') return body.split('\n\n### ')[0] ?? '';
  return (
    body
      .split('### ')
      .find((part) => part.startsWith(`${title}\n`))
      ?.slice(title.length)
      .trim() ?? ''
  );
}
