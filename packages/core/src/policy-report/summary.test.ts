import { describe, expect, it } from '@jest/globals';
import type { PolicyReport } from '../policy/index.js';
import { blocks, render } from '../report/index.js';
import { policyAnnotations } from './annotations.js';
import { mendedFiles } from './fixes.js';
import { findingsJson } from './json.js';
import { policySummary, type SummaryFacts } from './summary.js';
import { deployment, judged, PINNED, pageOf } from './test-report.js';
import { unifiedDiff } from './unified-diff.js';
import { verdictLine } from './verdict.js';

const COMMIT = 'c0ffee'.repeat(6).concat('c0ff');
const FACTS: SummaryFacts = {
  repositoryUrl: 'https://github.com/o/r',
  commit: COMMIT,
  milliseconds: 420,
  pageOf,
  patch: '',
  remarks: [],
};

const { report } = judged({
  'env/dev/a.yaml': deployment('ghcr.io/o/api:main'),
  'env/dev/b.yaml': deployment(PINNED),
  'env/prod/a b.yaml': deployment('ghcr.io/o/api:1.2.3'),
});

function page(of: PolicyReport, facts: Partial<SummaryFacts> = {}): string {
  return render(blocks(policySummary(of, { ...FACTS, ...facts }).map(({ content }) => content)));
}

describe('verdictLine', () => {
  it('counts what was found and looked at, and what was not', () => {
    expect(verdictLine(report, 420)).toBe(
      '2 errors - 3 references in 3 files checked in 0.4 s (3 parsed, 0 not checked)',
    );
    const { counts } = report;
    const large = { ...report, findings: [], counts: { ...counts, references: 1, files: 4069, parsed: 1638 } };
    expect(verdictLine(large, 61_000)).toBe(
      'no findings - 1 reference in 4,069 files checked in 61.0 s (1,638 parsed, 0 not checked)',
    );
  });
});

describe('policySummary', () => {
  it('starts with the verdict, then the environments with their change', () => {
    const before = new Map([
      ['dev', { digest: 2, 'tag+digest': 0, tag: 0, channel: 0, unresolved: 0 }],
      ['prod', { digest: 0, 'tag+digest': 0, tag: 1, channel: 0, unresolved: 0 }],
    ]);
    const lines = page(report, { baseEnvironments: before }).split('\n');
    expect(lines[0]).toBe('## Image policy: failed');
    expect(lines).toContain('| `dev` | 1 (-1) | 0 | 0 | 1 (+1) | 0 |');
    expect(lines).toContain('| `prod` | 0 | 0 | 1 | 0 | 0 |');
  });

  it('links each finding to its line at the judged commit, and groups by rule', () => {
    const text = page(report);
    expect(text).toContain(`[\`env/prod/a b.yaml:6\`](https://github.com/o/r/blob/${COMMIT}/env/prod/a%20b.yaml#L6)`);
    expect(text.match(/^### .*\b1\b.*$/gm)).toHaveLength(2);
    expect(page(report, { commit: undefined })).not.toContain('/blob/');
  });

  it('passes nothing on that GitHub would read', () => {
    const evil = 'x @team Fixes #1 <img src=x> [a](https://evil.example) | `y` ::error::z\n## h';
    const [finding] = report.findings;
    if (finding === undefined) throw new Error('no finding');
    const whole = page(
      {
        ...report,
        findings: [
          {
            ...finding,
            path: evil,
            reason: evil,
            current: evil,
            expected: evil,
            related: [{ path: evil, line: 1, column: 1, what: evil }],
            whyNoFix: evil,
            edits: undefined,
          },
        ],
        notChecked: [{ path: evil, line: 1, kind: 'template', why: evil, enforced: true }],
        suppressed: [{ finding, by: { kind: 'exception', owner: evil, reason: evil, expires: '2026-01-01' } }],
      },
      { remarks: [evil], patch: `+${evil}\n` },
    );
    // In a fenced block nothing is read but its end.
    const text = whole.replace(/```diff\n[^`]*`y`[^`]*\n```/, '');
    expect(text).not.toContain('```');
    expect(text).not.toMatch(/<img/);
    expect(text).not.toMatch(/(?<![`\w/])@team/);
    expect(text).not.toMatch(/Fixes #1/);
    expect(text).not.toMatch(/^## h/m);
    expect(text).not.toMatch(/\]\(https:\/\/evil/);
  });

  it('shows the repairs folded, and no more than can be read', () => {
    const patch = `${'+ line\n'.repeat(50_000)}`;
    const text = page(report, { patch });
    expect(text).toContain('<summary>Fix</summary>');
    expect(text.length).toBeLessThan(200_000);
  });
});

describe('policyAnnotations', () => {
  it('shows errors first, and each rule and image once before any again', () => {
    const [channel, unpinned] = report.findings;
    if (channel === undefined || unpinned === undefined) throw new Error('no findings');
    const again = { ...channel, line: 7 };
    const list = policyAnnotations([channel, again, { ...unpinned, severity: 'warning' }, unpinned], pageOf);
    expect(list.map(({ kind, place, weight }) => [kind, place.line, weight])).toEqual([
      ['error', 6, 3],
      ['error', 6, 2],
      ['error', 7, 1],
      ['warning', 6, 1],
    ]);
    expect(list[0]?.place).toMatchObject({ file: 'env/dev/a.yaml', column: 14 });
    expect(list[0]?.message).toContain(pageOf(channel.rule));
  });

  it('says in the last of a kind how many more there are', () => {
    const [finding] = report.findings;
    if (finding === undefined) throw new Error('no finding');
    const many = Array.from({ length: 1234 }, (_, index) => ({ ...finding, line: index + 1 }));
    const list = policyAnnotations(many, pageOf);
    expect(list).toHaveLength(9);
    expect(list.filter(({ message }) => message.includes('9 of 1,234 errors are shown'))).toEqual([list[8]]);
  });
});

describe('findingsJson', () => {
  it('is a document with all of it', () => {
    const document = JSON.parse(findingsJson(report, { commit: COMMIT, base: undefined }));
    expect(document).toMatchObject({
      version: 1,
      decision: 'fail',
      commit: COMMIT,
      base: null,
      counts: { references: 3, severities: { error: 2 }, environments: { dev: { digest: 1 } } },
    });
    expect(document.findings).toHaveLength(2);
  });
});

describe('mendedFiles', () => {
  const { report: broken, sourceOf } = judged({
    'a.yaml': deployment(`ghcr.io/o/api:main@sha256:${'A'.repeat(64)}`),
    'b.yaml': 'image:\n  repository: ghcr.io/o/api\n  tag: 1234567\n  digest: ""\n',
    'c.yaml': `${deployment(PINNED)}`.replace('name: x', 'name: x\n      imagePullPolicy: Always'),
  });

  it('changes what is named, and nothing the second time', () => {
    const files = mendedFiles(broken.findings, sourceOf);
    expect(files.length).toBeGreaterThan(0);
    const texts = Object.fromEntries(files.map(({ path, after }) => [path, after]));
    let current = texts;
    for (let round = 0; round < 4; round += 1) {
      const next = judged(current);
      const more = mendedFiles(next.report.findings, next.sourceOf);
      if (more.length === 0) break;
      expect(round).toBeLessThan(3);
      current = { ...current, ...Object.fromEntries(more.map(({ path, after }) => [path, after])) };
    }
    expect(unifiedDiff(files)).toMatch(/^diff --git /);
  });

  it('takes one of two repairs that touch, the more severe finding’s', () => {
    const text = 'image: nginx\nb: 1\n';
    const [finding] = report.findings;
    if (finding === undefined) throw new Error('no finding');
    const edit = (newText: string) => ({
      path: 'a.yaml',
      keyPath: 'image',
      range: [7, 12] as const,
      oldText: 'nginx',
      newText,
      line: 1,
      value: newText,
      kind: 'value' as const,
    });
    const base = { ...finding, path: 'a.yaml', whyNoFix: undefined };
    const files = mendedFiles(
      [
        { ...base, severity: 'warning', edits: [edit('w')] },
        { ...base, severity: 'error', edits: [edit('e')] },
        { ...base, severity: 'error', edits: [edit('e')] },
      ],
      () => text,
    );
    expect(files.map(({ after }) => after)).toEqual(['image: e\nb: 1\n']);
  });
});
