import { describe, expect, it } from '@jest/globals';
import { loadImagePolicy } from '../config/load-policies.js';
import { WaybillError } from '../errors.js';
import { formatBaseline, parseBaseline } from './baseline.js';
import { bySeverity } from './finding.js';
import { judge, type PolicyInput } from './judge.js';
import { judgeOnline, onlineQuestions } from './online.js';
import { findRule, RULES } from './rules.js';
import { policySettings } from './settings.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const OTHER = `sha256:${'cd'.repeat(32)}`;
const NOW = new Date('2026-06-01T12:00:00Z');

function inputOf(tree: Readonly<Record<string, string>>, images = '{}'): PolicyInput {
  const file = { path: 'waybill.policies.yaml', text: `apiVersion: waybill/v1\nimages: ${images}\n` };
  return {
    files: Object.entries(tree).map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) })),
    settings: policySettings(loadImagePolicy(file)),
    now: NOW,
  };
}

function rules(input: PolicyInput): readonly string[] {
  return judge(input).findings.map(({ path, line, rule }) => `${path}:${line} ${rule}`);
}

describe('judge', () => {
  it('counts references by state and environment, and files', () => {
    const tree = {
      'env/dev/a.yaml': `image: a/b:main\nb: {image: "a/b@${DIGEST}"}\n`,
      'env/prod/a.yaml': `image: a/b:v1.2.3@${DIGEST}\nb: {image: a/b:v1.2.3}\nc: {image: "{{ .x }}/y:z"}\n`,
      'readme.yaml': 'hello: world\n',
    };
    const environmentOf = (path: string) => path.split('/')[1];
    const { counts } = judge({ ...inputOf(tree), environmentOf });
    expect(counts.states).toEqual({ digest: 1, 'tag+digest': 1, tag: 1, channel: 1, unresolved: 1 });
    expect([...counts.environments]).toEqual([
      ['dev', { digest: 1, 'tag+digest': 0, tag: 0, channel: 1, unresolved: 0 }],
      ['prod', { digest: 0, 'tag+digest': 1, tag: 1, channel: 0, unresolved: 1 }],
    ]);
    expect(counts).toMatchObject({ references: 5, files: 3, parsed: 2 });
  });

  it('says what it did not check, and fails for it only where that is enforced', () => {
    const tree = { 'env/a.yaml': 'image: [a\n', 'b.yaml': 'image: [a\n' };
    const enforced = judge(inputOf(tree, '{enforce: ["env/**"]}'));
    expect(enforced.notChecked).toMatchObject([{ path: 'env/a.yaml', kind: 'invalid-yaml', enforced: true }]);
    expect(enforced.decision).toBe('fail');
    const plain = judge(inputOf(tree));
    expect(plain.notChecked.map(({ path, enforced: within }) => [path, within])).toEqual([
      ['env/a.yaml', false],
      ['b.yaml', false],
    ]);
    expect(plain.decision).toBe('pass');
  });

  it('passes with warnings', () => {
    expect(judge(inputOf({ 'a.yaml': `image: a/b:1.2@${DIGEST}\n` }))).toMatchObject({
      decision: 'pass',
      findings: [{ rule: 'moving-tag', severity: 'warning' }],
    });
  });

  it('sorts by path and place; the most severe first when asked', () => {
    const { findings } = judge(
      inputOf({ 'b.yaml': 'image: a/b:v1.2.3\n', 'a.yaml': `x: {image: "a/b:1.2@${DIGEST}"}\nimage: a/b:main\n` }),
    );
    expect(findings.map(({ path, line }) => `${path}:${line}`)).toEqual(['a.yaml:1', 'a.yaml:2', 'b.yaml:1']);
    expect([...findings].sort(bySeverity).map(({ path, line }) => `${path}:${line}`)).toEqual([
      'a.yaml:2',
      'b.yaml:1',
      'a.yaml:1',
    ]);
  });

  it('keeps a fingerprint while lines and digests move', () => {
    const one = judge(inputOf({ 'a.yaml': 'image: a/b:v1.2.3\n' })).findings[0];
    const two = judge(inputOf({ 'a.yaml': '# moved\n\nimage: a/b:v1.2.4\n' })).findings[0];
    const three = judge(inputOf({ 'a.yaml': 'image: a/c:v1.2.3\n' })).findings[0];
    expect(two?.fingerprint).toBe(one?.fingerprint);
    expect(three?.fingerprint).not.toBe(one?.fingerprint);
    expect(one?.fingerprint).toMatch(/^[0-9a-f]{32}$/);
  });

  describe('of what changed', () => {
    const base = {
      'values.yaml': `image: {repository: a/b, digest: "${DIGEST}"}\n`,
      'values-dev.yaml': 'image: {tag: v1.2.3}\n',
      'other.yaml': 'image: a/b:v1.2.3\n',
    };

    it('leaves out what others have', () => {
      expect(rules({ ...inputOf(base), changed: new Set(['values.yaml']) })).toEqual([]);
      expect(rules({ ...inputOf(base), changed: new Set(['other.yaml']) })).toEqual(['other.yaml:1 unpinned']);
    });

    it('shows what a changed base layer does elsewhere', () => {
      const tree = { ...base, 'values.yaml': 'image: {repository: a/b, digest: ""}\n' };
      expect(rules({ ...inputOf(tree), changed: new Set(['values.yaml']) })).toEqual([
        'values-dev.yaml:1 unpinned',
        'values.yaml:1 unpinned',
      ]);
    });

    it('shows what a removed overlay does to its base', () => {
      const tree = { 'values.yaml': 'image: {repository: a/b}\n' };
      expect(rules({ ...inputOf(tree), changed: new Set(['values-dev.yaml']) })).toEqual(['values.yaml:1 unpinned']);
    });
  });

  describe('with exceptions', () => {
    const tree = { 'a.yaml': 'image: a/b:v1.2.3\n' };
    const images = (expires: string) =>
      `{exceptions: [{path: a.yaml, owner: "@o/x", reason: why, expires: ${expires}}]}`;

    it('says who excused what, and until when', () => {
      const { suppressed, decision } = judge(inputOf(tree, images('2026-06-01')));
      expect(decision).toBe('pass');
      expect(suppressed).toMatchObject([
        {
          finding: { rule: 'unpinned' },
          by: { kind: 'exception', owner: '@o/x', reason: 'why', expires: '2026-06-01' },
        },
      ]);
    });

    it('fails for one that has expired, at its place in the policies', () => {
      const { findings } = judge(inputOf(tree, images('2026-05-31')));
      expect(findings).toMatchObject([
        { rule: 'unpinned' },
        { rule: 'expired-exception', path: 'waybill.policies.yaml', line: 2, column: 23, severity: 'error' },
      ]);
    });
  });

  describe('with a baseline', () => {
    const tree = { 'a.yaml': 'image: a/b:v1.2.3\nb: {image: a/b:main}\n' };
    const old = judge(inputOf(tree)).findings;
    const baseline = parseBaseline({ path: 'b.json', text: formatBaseline(old) });

    it('fails only for new debt', () => {
      expect(judge({ ...inputOf(tree), baseline })).toMatchObject({
        decision: 'pass',
        findings: [],
        suppressed: [{}, {}],
      });
      const more = { 'a.yaml': `${tree['a.yaml']}c: {image: a/c:v1.2.3}\n` };
      expect(rules({ ...inputOf(more), baseline })).toEqual(['a.yaml:3 unpinned']);
    });

    it('is the same file for the same findings', () => {
      expect(formatBaseline([...old].reverse())).toBe(formatBaseline(old));
      expect(formatBaseline([])).toBe('{\n  "version": 1,\n  "findings": []\n}\n');
    });

    it.each([
      '',
      '[]',
      '{}',
      '{"version": 2, "findings": []}',
      '{"version": 1}',
      '{"version": 1, "findings": [{"fingerprint": "x"}]}',
      '{"version": 1, "findings": [null]}',
    ])('refuses %j', (text) => {
      expect(() => parseBaseline({ path: 'b.json', text })).toThrow(WaybillError);
    });
  });
});

describe('online', () => {
  const tree = {
    'a.yaml': `image: ghcr.io/a/b:v1.2.3@${DIGEST}\nb: {image: "evil.example/x@${DIGEST}"}\nc: {image: ghcr.io/a/c:v1}\n`,
  };
  const input = inputOf(tree, '{registries: [ghcr.io], platforms: [linux/amd64, linux/arm64]}');
  const question = { repository: 'ghcr.io/a/b', digest: DIGEST, tag: 'v1.2.3' };

  it('asks only the registries that the policies name', () => {
    expect(onlineQuestions(input.files, input.settings)).toEqual({ questions: [question], refused: ['evil.example'] });
  });

  it.each([
    ['nothing wrong', { exists: true, tagDigest: DIGEST, platforms: ['linux/amd64', 'linux/arm64'] }, []],
    ['no such digest', { exists: false }, ['digest-not-found']],
    ['a tag that points elsewhere', { exists: true, tagDigest: OTHER }, ['tag-digest-mismatch']],
    ['a child', { exists: true, childOf: { digest: OTHER, platform: 'linux/amd64' } }, ['platform-child']],
    ['a platform that lacks', { exists: true, platforms: ['linux/amd64'] }, ['platform-missing']],
    ['a tag that is gone', { exists: true }, []],
  ])('finds %s', (_, fact, expected) => {
    const drafts = judgeOnline(input.files, [{ ...question, ...fact }], input.settings);
    expect(drafts.map(({ rule }) => rule)).toEqual(expected);
    for (const draft of drafts) expect(draft).toMatchObject({ path: 'a.yaml', region: { line: 1, column: 8 } });
  });
});

describe('RULES', () => {
  it('have unique kebab-case names, a page each, and something to say', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
    for (const { id, title, help, doc } of RULES) {
      expect(id).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
      expect(doc).toBe(`docs/policy/${id}.md`);
      expect(title.length).toBeLessThan(80);
      expect(help).toMatch(/\.$/);
    }
    expect(findRule('nonsense')).toBeUndefined();
  });
});
