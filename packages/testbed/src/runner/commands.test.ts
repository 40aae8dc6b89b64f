import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseKeyValueFile } from './command-files.js';
import { parseCommand } from './commands.js';
import { createMasker } from './mask.js';

/** As the toolkit's `issueCommand` writes one. */
function write(name: string, properties: Readonly<Record<string, string>>, message: string): string {
  const data = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
  const property = (text: string): string => data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
  const list = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
  return `::${name}${list.length === 0 ? '' : ` ${list.join(',')}`}::${data(message)}`;
}

describe('parseCommand', () => {
  it('reads back what the toolkit writes, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), fc.string(), (title, file, message) => {
        expect(parseCommand(write('error', { title, file }, message))).toEqual({
          name: 'error',
          properties: { title, file },
          message,
        });
      }),
    );
  });

  it.each([
    ['a line of text', 'text', undefined],
    ['an unknown command', '::nothing::text', undefined],
    ['a command that does not end', '::error text', undefined],
    ['text before the command', 'x ::error::text', undefined],
    ['blanks before it', '  ::Error::text', { name: 'error', properties: {}, message: 'text' }],
    ['colons in the message', '::debug::a::b', { name: 'debug', properties: {}, message: 'a::b' }],
    ['an empty property', '::error file=,line=2::m', { name: 'error', properties: { line: '2' }, message: 'm' }],
    ['an escaped escape', '::debug::%250A', { name: 'debug', properties: {}, message: '%0A' }],
  ])('%s', (_, line, command) => {
    expect(parseCommand(line)).toEqual(command);
  });
});

describe('parseKeyValueFile', () => {
  it('reads back any values written with a delimiter they do not hold', () => {
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]*$/);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.string({ unit: fc.constantFrom('a', '=', '<', '\n', '\r\n', ' ', 'é') }))),
        (pairs) => {
          const text = pairs.map(([key, value]) => `${key}<<ghadelimiter_x\n${value}\nghadelimiter_x\n`).join('');
          expect(parseKeyValueFile(text)).toEqual(Object.fromEntries(pairs));
        },
      ),
    );
  });

  it('ends a value at its delimiter and nowhere else: what an injection needs is the delimiter', () => {
    expect(parseKeyValueFile('a<<E\nx\nF\nb=inside\nE\n')).toEqual({ a: 'x\nF\nb=inside' });
    expect(parseKeyValueFile('a<<E\nx\nE\nb=injected\n')).toEqual({ a: 'x', b: 'injected' });
  });
});

describe('createMasker', () => {
  it('leaves no secret in any text that holds it', () => {
    const secret = fc.string({ minLength: 3, unit: fc.constantFrom('x', 'y', 'z', '-', '"', '\\') });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1 }), fc.string(), fc.string(), (secrets, before, after) => {
        const masker = createMasker(secrets);
        for (const one of secrets) {
          const masked = masker.mask(`${before}${one}${after}`);
          expect(masked.includes(one.trim())).toBe(false);
          expect(masker.holds(`${before}${one}${after}`)).toBe(true);
        }
      }),
    );
  });

  it('masks the lines of a key, its base64 and its JSON form, and nothing for an empty one', () => {
    const masker = createMasker(['-----BEGIN-----\nabcdefgh"i\n-----END-----', '', ' ']);
    expect(masker.mask('a line: abcdefgh"i')).toBe('a line: ***');
    expect(masker.mask(JSON.stringify({ key: 'abcdefgh"i' }))).toBe('{"key":"***"}');
    expect(masker.mask(Buffer.from('abcdefgh"i').toString('base64'))).toBe('***');
    expect(masker.mask('a b')).toBe('a b');
  });
});
