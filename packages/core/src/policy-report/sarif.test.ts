import { describe, expect, it } from '@jest/globals';
import { type Finding, type PolicyReport, RULES } from '../policy/index.js';
import { repositoryUri, sarifLog } from './sarif.js';
import { deployment, judged, PINNED, pageOf } from './test-report.js';

const FACTS = { category: 'image-policy', pageOf, sourceOf: () => undefined };

function logOf(report: PolicyReport, facts: Partial<Parameters<typeof sarifLog>[1]> = {}) {
  return JSON.parse(sarifLog(report, { ...FACTS, ...facts }));
}

const { report, sourceOf } = judged({
  'env/dev/a b#%.yaml': deployment('ghcr.io/o/api:main'),
  'b.yaml': `image: ${PINNED}\nimagePullPolicy: Always\n`,
  'c.yaml': `${deployment(PINNED)}---\n${deployment('docker.io/library/x@sha256:abc')}`,
});

describe('sarifLog', () => {
  it('is one run of SARIF 2.1.0 with every rule', () => {
    const log = logOf(report, { version: 'v1', commit: 'a'.repeat(40), repositoryUrl: 'https://github.com/o/r' });
    expect(Object.keys(log).sort()).toEqual(['$schema', 'runs', 'version']);
    expect(log.version).toBe('2.1.0');
    expect(log.runs).toHaveLength(1);
    const [run] = log.runs;
    expect(run.automationDetails).toEqual({ id: 'image-policy/' });
    expect(run.columnKind).toBe('utf16CodeUnits');
    expect(run.versionControlProvenance).toEqual([
      { repositoryUri: 'https://github.com/o/r', revisionId: 'a'.repeat(40) },
    ]);
    expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(RULES.map(({ id }) => id));
    for (const rule of run.tool.driver.rules) {
      expect(rule).toEqual({
        id: expect.stringMatching(/^[a-z-]+$/),
        name: expect.stringMatching(/^[A-Za-z]{3,255}$/),
        shortDescription: { text: expect.stringMatching(/^.{3,1024}$/) },
        fullDescription: { text: expect.stringMatching(/^.{3,1024}$/) },
        help: { text: expect.any(String), markdown: expect.any(String) },
        helpUri: pageOf(rule.id),
        defaultConfiguration: { level: expect.stringMatching(/^(?:error|warning|note)$/) },
        properties: {
          tags: expect.arrayContaining(['security']),
          precision: expect.stringMatching(/^(?:very-high|high)$/),
          'problem.severity': expect.stringMatching(/^(?:error|warning|recommendation)$/),
          'security-severity': expect.stringMatching(/^\d\.\d$/),
        },
      });
      expect(rule.properties.tags.length).toBeLessThanOrEqual(20);
    }
  });

  it('gives each finding its rule, place and lasting name', () => {
    const { results, tool } = logOf(report, { sourceOf }).runs[0];
    expect(results).toHaveLength(report.findings.length);
    for (const result of results) {
      expect(tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
      expect(result.message.text).not.toBe('');
      const [{ physicalLocation }] = result.locations;
      expect(physicalLocation.artifactLocation.uri).toMatch(/^[\w./%-]+$/);
      expect(physicalLocation.region.startLine).toBeGreaterThan(0);
      expect(result.partialFingerprints['waybillImagePolicy/v1']).toMatch(/^[0-9a-f]{32}(?::\d+)?$/);
    }
    const names = results.map((result: { partialFingerprints: object }) => JSON.stringify(result.partialFingerprints));
    expect(new Set(names).size).toBe(names.length);
  });

  it('has the fixes as replacements of regions', () => {
    const text = `a: 1\nimage: ${PINNED.toUpperCase()}\n`;
    const finding: Finding = {
      rule: 'malformed-digest',
      severity: 'error',
      path: 'a.yaml',
      line: 2,
      column: 8,
      endLine: 2,
      endColumn: 20,
      keyPath: 'image',
      current: 'x',
      reason: 'r [link](https://evil.example)',
      related: [{ path: 'b/c.yaml', line: 3, column: 1, what: 'the other half' }],
      fingerprint: 'f'.repeat(32),
      edits: [
        {
          path: 'a.yaml',
          keyPath: 'image',
          range: [12, 14],
          oldText: text.slice(12, 14),
          newText: 'zz',
          line: 2,
          value: 'zz',
          kind: 'value',
        },
      ],
    };
    const [result] = logOf({ ...report, findings: [finding, finding] }, { sourceOf: () => text }).runs[0].results;
    expect(result.fixes[0].artifactChanges[0]).toEqual({
      artifactLocation: { uri: 'a.yaml', uriBaseId: '%SRCROOT%' },
      replacements: [
        { deletedRegion: { startLine: 2, startColumn: 8, endLine: 2, endColumn: 10 }, insertedContent: { text: 'zz' } },
      ],
    });
    expect(result.relatedLocations[0]).toMatchObject({ message: { text: 'the other half' } });
    expect(result.message.text).toContain('\\[link\\](https');
  });

  it('stays within what GitHub takes, the most severe first', () => {
    const [finding] = report.findings;
    if (finding === undefined) throw new Error('no finding');
    const many = Array.from(
      { length: 25_010 },
      (_, index): Finding => ({
        ...finding,
        severity: index === 25_009 ? 'error' : 'note',
        line: index + 1,
        current: 'x'.repeat(5000),
      }),
    );
    const [run] = logOf({ ...report, findings: many }).runs;
    expect(run.results).toHaveLength(25_000);
    expect(run.results[0].level).toBe('error');
    expect(run.results[0].message.text.length).toBeLessThanOrEqual(1100);
    expect(run.invocations[0].toolExecutionNotifications).toHaveLength(1);
  });
});

describe('repositoryUri', () => {
  it.each([
    ['a/b.yaml', 'a/b.yaml'],
    ['a b/ü#?%.yaml', 'a%20b/%C3%BC%23%3F%25.yaml'],
    ['x:y.yaml', 'x%3Ay.yaml'],
    ["it's (1)\n.yaml", 'it%27s%20%281%29%0A.yaml'],
    ['\ud800.yaml', '%EF%BF%BD.yaml'],
  ])('%j is %s', (path, uri) => expect(repositoryUri(path)).toBe(uri));
});
