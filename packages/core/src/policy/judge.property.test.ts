import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fixTree } from './fix.js';
import { judge, type PolicyReport } from './judge.js';
import { policySettings } from './settings.js';

const NOW = new Date('2026-06-01T00:00:00Z');
const HEX = 'ab'.repeat(32);
const DIGEST = `sha256:${HEX}`;

function report(path: string, bytes: Uint8Array): PolicyReport {
  return judge({ files: [{ path, bytes }], settings: ALL, now: NOW });
}

const POLICY = {
  thirdPartyCharts: [],
  registries: [],
  platforms: [],
  scopes: ['compose', 'dockerfile', 'workflows', 'args'],
  tagPatterns: [],
  tagInLabels: [],
  tagSuffix: [],
  severities: new Map(),
  pullPolicy: 'absent-or-if-not-present',
  fields: [],
  environments: [],
  mixed: 'refused',
  exceptions: [],
} as const;
const ALL = policySettings({ images: POLICY }, { firstParty: ['ghcr.io/ours/*'] });

const path = fc.constantFrom(
  'a.yaml',
  'kustomization.yaml',
  'compose.yaml',
  'Dockerfile',
  '.github/workflows/a.yml',
  'values.yaml',
);

/** Bits of YAML that mean something here, in any order. */
const bits = fc.constantFrom(
  ...[
    'image:',
    ' image: ',
    'images:\n',
    '  - ',
    '- name: a\n',
    '  newTag: ',
    'tag: ',
    'repository: ',
    'digest: ',
    'registry: ',
  ],
  ...[
    'ghcr.io/o/app',
    'ghcr.io/ours/app',
    ':main',
    ':v1.2.3',
    `@${DIGEST}`,
    '@sha256:abc',
    ':1.2',
    'nginx',
    '"',
    "'",
    '\n',
    '\r\n',
  ],
  ...[
    '\t',
    ' ',
    '  ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '|\n',
    '>-\n',
    '&a ',
    '*a',
    '<<: *a\n',
    '---\n',
    '# ',
    '!!str ',
    '{{ .x }}',
    '$' + '{X}',
    '::',
  ],
  ...[
    'containers:\n',
    'apiVersion: v1\nkind: Pod\nspec:\n',
    'imagePullPolicy: Always\n',
    'FROM ',
    'FROM a AS b\n',
    'COPY --from=',
    'ARG X=',
  ],
  ...[
    '😀',
    '\u0000',
    '\ufeff',
    '\u2028',
    'services:\n',
    'jobs:\n',
    'uses: docker://',
    'values: |\n',
    '1234567',
    'null',
    '%YAML 1.2\n',
  ],
);
const text = fc.array(bits, { maxLength: 40 }).map((parts) => parts.join(''));

describe('judge', () => {
  it('says the same of anything, and nothing outside the file', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      text.map((each) => new TextEncoder().encode(each)),
    );
    fc.assert(
      fc.property(path, bytes, (name, content) => {
        const { findings, notChecked } = report(name, content);
        const lines = new TextDecoder().decode(content).split(/\r\n|\r|\n/);
        for (const { line, column, endLine, endColumn, path: at } of [...findings]) {
          const width = (lines[line - 1] ?? '').length;
          expect(at).toBe(name);
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual(width + 2);
          expect([endLine, endColumn >= column, endColumn <= width + 2]).toEqual([line, true, true]);
        }
        for (const { line } of notChecked) expect(line).toBeLessThanOrEqual(lines.length + 1);
        expect(report(name, content).findings).toEqual(findings);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [
      'an alias bomb',
      Array.from(
        { length: 30 },
        (_, at) => `a${at}: &a${at} [${at === 0 ? 'x' : `*a${at - 1}, *a${at - 1}, *a${at - 1}`}]`,
      ).join('\n'),
    ],
    [
      'a bomb of merge keys',
      Array.from(
        { length: 40 },
        (_, at) => `a${at}: &a${at} {${at === 0 ? 'image: "a/b:main"' : `<<: [*a${at - 1}, *a${at - 1}]`}}`,
      ).join('\n'),
    ],
    ['deep flow nesting', `image: ${'['.repeat(20_000)}`],
    ['deep block nesting', Array.from({ length: 2000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
    ['a long line', `image: ${'a/'.repeat(200_000)}b`],
    ['many colons', `image: ${'a:'.repeat(100_000)}`],
    ['many documents', 'image: a/b:main\n---\n'.repeat(3000)],
    ['many braces', '{image: '.repeat(5000)],
    ['a long tag', `image: a/b:${'a-'.repeat(50_000)}`],
    ['many channel words', `image: a/b:${'main-'.repeat(50_000)}`],
    ['a long continued instruction', `FROM ${'\\\n'.repeat(50_000)}a`],
    ['many blanks before a comment', `FROM a\n${' '.repeat(100_000)}#`],
  ])('bears %s', (_, content) => {
    const started = performance.now();
    for (const name of ['a.yaml', 'Dockerfile', 'compose.yaml']) report(name, new TextEncoder().encode(content));
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('keeps a file name as it is, whatever it holds', () => {
    const name = 'a\n::error::x\u202e%0A/b c.yaml';
    const [finding] = report(name, new TextEncoder().encode('image: a/b:main')).findings;
    expect(finding).toMatchObject({ path: name, rule: 'channel-tag', line: 1, column: 8 });
  });
});

describe('fixTree', () => {
  const lookup = () => DIGEST;

  it('mends in one go: a second time changes nothing', () => {
    fc.assert(
      fc.property(path, text, (name, content) => {
        const input = { files: [{ path: name, bytes: new TextEncoder().encode(content) }], settings: ALL, now: NOW };
        const [file] = fixTree(input, lookup).files;
        const after = file?.after ?? content;
        const again = fixTree({ ...input, files: [{ path: name, bytes: new TextEncoder().encode(after) }] }, lookup);
        expect(again.files).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
