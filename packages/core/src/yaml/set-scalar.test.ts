import { describe, expect, it } from '@jest/globals';
import { parseKeyPath } from './key-path.js';
import { setScalar } from './set-scalar.js';

function set(text: string, keyPath: string, value: string): string {
  const result = setScalar({ path: 'v.yaml', text }, keyPath, value);
  return result.ok ? result.text : `REFUSED ${result.refusals.map(({ code, line }) => `${code}:${line}`).join(' ')}`;
}

describe('setScalar', () => {
  it.each([
    ['a: {b: old} # c\n', 'a.b', 'new', 'a: {b: new} # c\n'],
    ['a:\r\n  b: "old"\r\n', 'a.b', 'ne"w', 'a:\r\n  b: "ne\\"w"\r\n'],
    ["a: 'old'", 'a', "it's", "a: 'it''s'"],
    ['a.b: 1\n', 'a\\.b', '2.0.0', 'a.b: 2.0.0\n'],
    ['a: [x, {b: old}]\n', 'a.1.b', 'new', 'a: [x, {b: new}]\n'],
    ['a: {2313: old}\n', 'a.:2313', 'new', 'a: {2313: new}\n'],
    ['a: {2313: old}\n', 'a.2313', 'new', 'a: {2313: new}\n'],
    ['a:\nb: 1\n', 'a', 'new', 'a: new\nb: 1\n'],
    ['a: ""\n', 'a', '1234567', 'a: "1234567"\n'],
    ['a: x\n', 'a', '1234567', 'a: "1234567"\n'],
    ['a: x\n', 'a', '1e10', 'a: "1e10"\n'],
    ['a: x\n', 'a', 'yes', 'a: "yes"\n'],
    ['a: x\n', 'a', 'two words', 'a: "two words"\n'],
    ['a: x\n', 'a', '', 'a: ""\n'],
    ['a: x\n', 'a', 'line\nbreak \u{1f600}\u0007', 'a: "line\\u000abreak \u{1f600}\\u0007"\n'],
    ['a: 1.20\n', 'a', '1.20', 'a: "1.20"\n'],
    ['a: same\n', 'a', 'same', 'a: same\n'],
    ['x: 1\n---\na: old\n', 'a', 'new', 'x: 1\n---\na: new\n'],
    ['a: "{{ x }}"\n', 'a', 'new', 'a: "new"\n'],
  ])('%j at %s: %j', (text, keyPath, value, expected) => {
    expect(set(text, keyPath, value)).toBe(expected);
  });

  it.each([
    ['a: 1\n', 'b', 'no-such-key:1'],
    ['a: 1\n', 'a.b', 'no-such-key:1'],
    ['a: [1]\n', 'a.7', 'no-such-key:1'],
    ['a: {b: 1}\n', 'a', 'no-such-key:1'],
    ['a: 1\n---\na: 2\n', 'a', 'conflict:2'],
    ['a: 1\na: 2\n', 'a', 'duplicate-key:1'],
    ['x: &x {b: 1}\na: *x\n', 'a.b', 'shared-value:2'],
    ['x: &x 1\na: *x\n', 'a', 'shared-value:2'],
    ['x: &x 1\na: *x\n', 'x', 'shared-value:1'],
    ['x: &x {b: 1}\na: {<<: *x}\n', 'a.b', 'shared-value:2'],
    ['a: |\n  x\n  y\n', 'a', 'multi-line:2'],
    ['a: !t x\n', 'a', 'tagged:1'],
    ['a: [\n', 'a', 'unreadable:2'],
    ['a: {{ x }}\nb: 1\n', 'b', 'unreadable:1'],
    ['a: ENC[x]\nsops: {}\n', 'a', 'unreadable:1'],
  ])('refuses %j at %s', (text, keyPath, refusal) => {
    expect(set(text, keyPath, 'new')).toBe(`REFUSED ${refusal}`);
  });

  it('refuses a value that the style can not carry', () => {
    expect(set("a: 'x'", 'a', 'line\nbreak')).toBe('REFUSED style:1');
    expect(set('a: |\n  x\n', 'a', ' x')).toBe('REFUSED style:2');
  });
});

describe('parseKeyPath', () => {
  it('reads escapes', () => {
    expect(parseKeyPath('a.b\\.c.\\\\.0.:1').map(({ key }) => key)).toEqual(['a', 'b.c', '\\', '0', '1']);
  });

  it.each(['', '.', 'a.', '.a', 'a..b'])('refuses %j', (path) => {
    expect(() => parseKeyPath(path)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  });
});
