import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { judge, policySettings, RULES, type RuleId } from '@waybill/core';

const FOLDER = join(import.meta.dirname, '../../docs/policy');
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

/** Judged by more than the file and `firstParty`: a base commit, a ledger, a registry, further policies. */
const BEYOND_THE_FILE: ReadonlySet<RuleId> = new Set([
  'tag-in-labels',
  'digest-not-found',
  'tag-digest-mismatch',
  'platform-child',
  'platform-missing',
  'expired-exception',
  'not-checked',
]);

describe('docs/policy', () => {
  it('has a page for each rule, and no other', () => {
    const pages = readdirSync(FOLDER).filter((name) => name !== 'README.md');
    expect(pages.sort()).toEqual(RULES.map(({ id }) => `${id}.md`).sort());
    expect(RULES.map(({ id, doc }) => doc === `docs/policy/${id}.md`)).not.toContain(false);
  });

  it.each(RULES.map((rule) => [rule.id, rule] as const))('%s: what, why, bad, good, how to fix', (id, rule) => {
    const page = read(`${id}.md`);
    expect(page.startsWith(`# ${id}\n\n**${rule.title}.** Severity: ${rule.severity}.\n`)).toBe(true);
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['What', 'Why', 'Bad', 'Good', 'How to fix']);
    expect(page.split(/^## .+$/m).filter((section) => section.trim().length < 20)).toEqual([]);
    expect([...page.matchAll(/^```\w+$/gm)]).toHaveLength(2);
  });

  it('lists the rules in their order', () => {
    const listed = [...read('README.md').matchAll(/^\| \[([a-z-]+)\]\(([a-z-]+)\.md\) +\| (\w+) +\| (.+?) +\|$/gm)];
    expect(listed.map(([, name, file, severity, title]) => [name, file, severity, title])).toEqual(
      RULES.map(({ id, severity, title }) => [id, id, severity, title]),
    );
  });
});

describe('the examples', () => {
  const judged = RULES.filter(({ id, tags }) => !BEYOND_THE_FILE.has(id) && !tags.includes('lineage'));

  it.each(judged.map(({ id }) => [id]))('%s: the bad one is found, the good one is not', (id) => {
    const [bad = '', good = ''] = [...read(`${id}.md`).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text);
    expect(rulesIn(bad)).toContain(id);
    expect(rulesIn(good)).toEqual([]);
  });
});

function rulesIn(text: string): readonly RuleId[] {
  const { findings } = judge({
    files: [{ path: 'apps/api.yaml', bytes: new TextEncoder().encode(text) }],
    settings: policySettings({}, { firstParty: ['ghcr.io/my-org/*'] }),
    now: new Date('2026-01-02T03:04:05Z'),
  });
  return findings.map(({ rule }) => rule);
}
