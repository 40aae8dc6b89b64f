import { describe, expect, it } from '@jest/globals';
import { judge, loadImagePolicy, policySettings, type RuleId, ruleOf } from '@waybill/core';
import { type LabelledCase, labelledCases } from './cases.js';

const NOW = new Date('2026-06-01T00:00:00Z');

interface Score {
  expected: number;
  found: number;
  both: number;
}

function find({ config, ours, files, expectsExpired }: LabelledCase): readonly string[] {
  const text = ['apiVersion: waybill/v1', ...(config === undefined ? [] : [`images: ${config}`])].join('\n');
  const policies = loadImagePolicy({ path: 'waybill.policies.yaml', text });
  const firstParty = ours === undefined ? [] : ours.slice(1, -1).split(', ');
  const report = judge({ files, settings: policySettings(policies, { firstParty }), now: NOW });
  const expired = report.findings.filter(({ rule }) => rule === 'expired-exception');
  expect(expired).toHaveLength(expectsExpired ? 1 : 0);
  return report.findings
    .filter(({ rule }) => rule !== 'expired-exception')
    .map(({ path, line, column, rule, severity }) => `${path}:${line}:${column} ${severity} ${rule}`);
}

function wanted({ expected }: LabelledCase): readonly string[] {
  return expected.map(({ path, line, column, rule, severity }) => {
    return `${path}:${line}:${column} ${severity ?? ruleOf(rule as RuleId).severity} ${rule}`;
  });
}

describe('the labelled set', () => {
  const cases = labelledCases();
  const score: Score = { expected: 0, found: 0, both: 0 };

  it('has at least 400 distinct cases', () => {
    const contents = cases.map(({ config, ours, files }) =>
      JSON.stringify([config, ours, files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('latin1')])]),
    );
    expect(new Set(contents).size).toBeGreaterThanOrEqual(400);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  it.each(cases.map((each) => [each.name, each] as const))('%s', (_, each) => {
    const found = find(each);
    const expected = wanted(each);
    score.expected += expected.length;
    score.found += found.length;
    score.both += found.filter((finding) => expected.includes(finding)).length;
    expect([...found].sort()).toEqual([...expected].sort());
  });

  it('is found to the full, and nothing else is', () => {
    const recall = score.both / score.expected;
    const precision = score.both / score.found;
    process.stdout.write(
      `image policy, labelled set: ${cases.length} cases, ${score.expected} findings expected; recall ${percent(recall)}, precision ${percent(precision)}\n`,
    );
    expect({ recall, precision }).toEqual({ recall: 1, precision: 1 });
  });
});

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
