import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plainLine, visibleLine, visibleLines, withoutReferences } from './text.js';

describe('visibleLine', () => {
  it.each([
    ['plain', 'plain'],
    ['  a \t b  ', 'a b'],
    ['a\r\nb\nc\rd\u2028e', 'a↵b↵c↵d↵e'],
    ['a\n', 'a'],
    ['abc\u202edcba', 'abc⟨U+202E⟩dcba'],
    ['a\u200bb\ufeffc\u00add', 'a⟨U+200B⟩b⟨U+FEFF⟩c⟨U+00AD⟩d'],
    ['\u001b[31mred', '⟨U+001B⟩[31mred'],
    ['\ud800x', '⟨U+D800⟩x'],
    ['\u{e0041}tag', '⟨U+E0041⟩tag'],
    ['❤\ufe0f', '❤\ufe0f'],
  ])('%j becomes %j', (given, shown) => {
    expect(visibleLine(given)).toBe(shown);
  });

  it('never leaves a character that is not seen, and is content with its own output', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const line = visibleLine(value);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(visibleLine(line)).toBe(line);
      }),
    );
  });
});

describe('visibleLines', () => {
  it('keeps ends of lines and tabs', () => {
    expect(visibleLines('a:\r\n\t- b\n\u202e')).toBe('a:\n\t- b\n⟨U+202E⟩');
  });
});

describe('withoutReferences', () => {
  const pinned = `ghcr.io/acme/api@sha256:${'a'.repeat(64)}`;
  it.each([
    ['@ada and (@acme/team)', '@\u200bada and (@\u200bacme/team)'],
    ['Fixes #12, acme/api#3, GH-4', 'Fixes #\u200b12, acme/api#\u200b3, GH-\u200b4'],
    [pinned, pinned],
    ['@@ -1 +1 @@ # comment', '@@ -1 +1 @@ # comment'],
  ])('%j becomes %j', (given, broken) => {
    expect(withoutReferences(given)).toBe(broken);
    expect(withoutReferences(broken)).toBe(broken);
  });
});

describe('plainLine', () => {
  it('is what a commit subject or a title may quote', () => {
    expect(plainLine('feat: x (#7)\n\nWaybill-Freight: forged')).toBe('feat: x (#\u200b7)↵↵Waybill-Freight: forged');
  });
});
