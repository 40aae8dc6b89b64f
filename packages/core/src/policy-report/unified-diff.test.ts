import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applySplices, type MendedFile } from '../policy/index.js';
import { unifiedDiff } from './unified-diff.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-diff-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What `git apply` makes of the texts. */
function applied(files: readonly MendedFile[]): readonly string[] {
  for (const { path, before } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), before);
  }
  const patch = unifiedDiff(files);
  if (patch !== '') {
    execFileSync('git', ['apply', '--unsafe-paths', '--whitespace=nowarn', '-'], {
      cwd: folder,
      input: patch,
      env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  }
  return files.map(({ path }) => readFileSync(join(folder, path), 'utf8'));
}

function fixed(path: string, before: string, changes: readonly (readonly [number, number, string])[]): MendedFile {
  const splices = changes.map(([start, end, newText]) => ({ start, end, newText }));
  return { path, before, after: applySplices(before, splices), splices };
}

describe('unifiedDiff', () => {
  it('is what Git would show', () => {
    const before = 'a: 1\nb: 2\nc: 3\nd: 4\ne: 5\n';
    expect(unifiedDiff([fixed('x.yaml', before, [[8, 9, 'two']])])).toBe(
      [
        'diff --git a/x.yaml b/x.yaml',
        '--- a/x.yaml',
        '+++ b/x.yaml',
        '@@ -1,5 +1,5 @@',
        ' a: 1',
        '-b: 2',
        '+b: two',
        ' c: 3',
        ' d: 4',
        ' e: 5',
        '',
      ].join('\n'),
    );
  });

  it('adds a line without touching the one before it', () => {
    const diff = unifiedDiff([fixed('x.yaml', '- name: a\n  newTag: b\n', [[21, 21, '\n  digest: c']])]);
    expect(diff.split('\n').filter((line) => /^[+-](?![+-])/.test(line))).toEqual(['+  digest: c']);
  });

  it.each([
    ['no line end at the end', 'a: 1\nb: 2', [[8, 9, 'x']] as const],
    ['CRLF', 'a: 1\r\nb: 2\r\nc: 3\r\n', [[9, 10, 'x']] as const],
    ['lone CR', 'a: 1\rb: 2\nc: 3\n', [[8, 9, 'x']] as const],
    ['a byte order mark', '\ufeffa: 1\nb: ü\n', [[4, 5, 'x']] as const],
    ['a value over lines', 'a: >\n  b\n  c\nd: 1\n', [[3, 12, 'x']] as const],
    [
      'two edits on a line',
      '{a: 1, b: 2}\n',
      [
        [4, 5, 'x'],
        [10, 11, 'y'],
      ] as const,
    ],
    ['an edit at the very end', 'a: 1\n', [[5, 5, 'b: 2\n']] as const],
    ['an empty file', '', [[0, 0, 'a: 1\n']] as const],
  ])('applies byte for byte: %s', (_, before, changes) => {
    const file = fixed('x.yaml', before, changes);
    expect(applied([file])).toEqual([file.after]);
  });

  it.each([
    'a b/c d.yaml',
    'tab\there.yaml',
    'line\nend.yaml',
    '"quoted".yaml',
    'back\\slash.yaml',
    'ümläut.yaml',
    'end .yaml ',
  ])('names a file as Git does: %j', (path) => {
    const file = fixed(path, 'a: 1\n', [[3, 4, '2']]);
    expect(applied([file])).toEqual(['a: 2\n']);
  });

  it('applies whatever the edits are', () => {
    const text = fc
      .array(fc.constantFrom('a: 1', 'bb: 22', '', '- c', 'long: xxxxxxxx'), { minLength: 1, maxLength: 40 })
      .chain((lines) => fc.constantFrom('\n', '\r\n').map((end) => lines.join(end)));
    const edits = fc.array(fc.tuple(fc.nat(400), fc.nat(12), fc.constantFrom('', 'x', 'new\nline', '\n')), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(text, edits, (before, wanted) => {
        let from = 0;
        const changes = wanted
          .map(([start, length, newText]) => [Math.min(start, before.length), length, newText] as const)
          .sort(([a], [b]) => a - b)
          .flatMap(([start, length, newText]): (readonly [number, number, string])[] => {
            if (start < from) return [];
            const end = Math.min(before.length, start + length);
            from = end + 1;
            return [[start, end, newText]];
          });
        const file = fixed('p.yaml', before, changes);
        expect(applied([file])).toEqual([file.after]);
      }),
      { numRuns: 60 },
    );
  });
});
