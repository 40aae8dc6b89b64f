import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WaybillErrors } from '../errors.js';
import { loadConfig } from './load-config.js';

function problems(text: string): readonly string[] {
  try {
    loadConfig({ path: 'waybill.yaml', text });
    return [];
  } catch (error) {
    if (!(error instanceof WaybillErrors)) throw error;
    return error.errors.map(({ what, where }) => `${where.file}:${where.line}:${where.column} ${what}`);
  }
}

const GOOD = `apiVersion: waybill/v1
warehouses: {w: {images: {repos: [ghcr.io/o/api]}}}
stages: {dev: {from: w, updates: [{images: "env/dev/**"}]}}
`;

describe('a file that is no configuration', () => {
  it.each([
    ['nothing', '', 'waybill.yaml:1:1 The file is empty'],
    ['a comment', '# nothing\n', 'waybill.yaml:1:1 The file is empty'],
    ['a list', '- a\n', 'waybill.yaml:1:1 The file is no map'],
    ['a key twice', `${GOOD}stages: {}\n`, 'waybill.yaml:4:1 A key stands here twice'],
    ['two documents', `${GOOD}---\n${GOOD}`, 'waybill.yaml:4:1 The file holds more than one YAML document'],
    ['a list that is open', 'apiVersion: [waybill/v1\n', 'waybill.yaml:2:1 This is not the YAML that is read here'],
    ['a tab', 'warehouses:\n\tw: {}\n', 'waybill.yaml:2:1 This is not the YAML that is read here'],
    ['a tag', `x: !!js/function y\n${GOOD}`, 'waybill.yaml:1:1 x is not known here'],
    ['a merge key', `<<: {}\n${GOOD}`, 'waybill.yaml:1:1 << is not known here'],
    ['a key that is a number', `1: {}\n${GOOD}`, 'waybill.yaml:1:1 The file has a key that is no string'],
    [
      'an alias of nothing',
      GOOD.replace('from: w', 'from: *nothing'),
      'waybill.yaml:3:22 There is no anchor &nothing before this',
    ],
    ['too much', `${GOOD}# ${'x'.repeat(256 * 1024)}`, 'waybill.yaml:1:1 The file is larger than 256 KiB'],
    ['a deep nest', '['.repeat(100_000), 'waybill.yaml:1:1 The file nests too deeply to be read'],
  ])('%s', (_, text, expected) => {
    expect(problems(text)[0]).toContain(expected);
  });

  it('a bomb of aliases', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef'].map((pair) => [...pair])) {
      bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(', ')}]`);
    }
    const started = performance.now();
    expect(problems(`${bomb.join('\n')}\nstages: {dev: {from: *f}}`)).not.toEqual([]);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('more aliases than anybody needs', () => {
    const repos = `[&r ghcr.io/o/api, ${Array(300).fill('*r').join(', ')}]`;
    expect(problems(GOOD.replace('[ghcr.io/o/api]', repos)).join('\n')).toContain('more than 200 aliases');
  });

  it('an anchor within itself', () => {
    expect(problems(GOOD.replace('from: w', 'from: &a [*a]')).join('\n')).toContain('is no string');
  });
});

describe('any file', () => {
  const token = fc.constantFrom(
    'apiVersion',
    'waybill/v1',
    'warehouses',
    'stages',
    'dev',
    'from',
    'images',
    'updates',
    'w',
  );
  const punctuation = fc.constantFrom(
    ':',
    ': ',
    '\n',
    '\n  ',
    '{',
    '}',
    '[',
    ']',
    ', ',
    '- ',
    '&a ',
    '*a',
    '!t ',
    '"',
    "'",
    '|\n',
    '#',
    '\t',
  );

  it('gives a configuration or WaybillErrors with places within it', () => {
    const text = fc.array(fc.oneof(token, punctuation, fc.string({ maxLength: 3 })), { maxLength: 40 });
    fc.assert(
      fc.property(text, (parts) => {
        const source = parts.join('');
        for (const problem of problems(source)) {
          const [, line] = /^waybill\.yaml:(\d+):(\d+) ./.exec(problem) ?? [];
          expect(Number(line)).toBeLessThanOrEqual(source.split('\n').length);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('with any one piece cut out of it', () => {
    fc.assert(
      fc.property(fc.nat(GOOD.length), fc.nat(20), (start, length) => {
        const source = GOOD.slice(0, start) + GOOD.slice(start + length);
        expect(Array.isArray(problems(source))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
