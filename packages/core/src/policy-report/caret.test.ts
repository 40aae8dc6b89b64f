import { describe, expect, it } from '@jest/globals';
import type { Finding } from '../policy/index.js';
import { caretRenderer } from './caret.js';
import { deployment, judged, pageOf } from './test-report.js';

const FINDING: Finding = {
  rule: 'unpinned',
  severity: 'error',
  path: 'a.yaml',
  line: 1,
  column: 1,
  endLine: 1,
  endColumn: 2,
  keyPath: '',
  current: '',
  reason: 'because',
  related: [],
  fingerprint: '0'.repeat(32),
  whyNoFix: 'no',
};

function shown(text: string, column: number, endColumn: number, more: Partial<Finding> = {}): readonly string[] {
  const finding = { ...FINDING, column, endColumn, ...more } as Finding;
  return caretRenderer(() => text, pageOf)(finding).split('\n');
}

describe('caretRenderer', () => {
  it('shows a finding as a compiler does', () => {
    const { report, sourceOf } = judged({ 'env/dev/a.yaml': deployment('ghcr.io/o/api:1.2.3') });
    expect(report.findings).toHaveLength(1);
    const [finding] = report.findings;
    if (finding === undefined) return;
    expect(caretRenderer(sourceOf, pageOf)(finding).split('\n').slice(0, 5)).toEqual([
      'error[unpinned]: Image reference without a digest',
      ' --> env/dev/a.yaml:6:14',
      '  |',
      '6 |       image: ghcr.io/o/api:1.2.3',
      '  |              ^^^^^^^^^^^^^^^^^^^',
    ]);
    expect(caretRenderer(sourceOf, pageOf)(finding)).toContain('= help: https://example.com/policy/unpinned');
  });

  it.each([
    ['tabs', 'a:\tb: c', 7, 8, 'a:  b: c', '       ^'],
    ['wide characters', '名: x', 4, 5, '名: x', '    ^'],
    ['combining marks', 'e\u0301: x', 5, 6, 'e\u0301: x', '   ^'],
    ['characters of two code units', '😀: x', 5, 6, '😀: x', '    ^'],
    ['a byte order mark', '\ufeffa: x', 5, 6, ' a: x', '    ^'],
    ['invisible characters', 'a\u202e: x', 5, 6, 'a⟨U+202E⟩: x', '           ^'],
    ['nothing to point at', 'a:', 3, 3, 'a:', '  ^'],
    ['a column behind the end', 'a:', 30, 40, 'a:', '  ^'],
  ])('puts its carets right below %s', (_, text, column, endColumn, line, carets) => {
    expect(shown(text, column, endColumn).slice(3, 5)).toEqual([`1 | ${line}`, `  | ${carets}`]);
  });

  it('cuts long lines around what is meant', () => {
    const [, , , line = '', carets = ''] = shown(`${'x'.repeat(500)}IMAGE${'y'.repeat(500)}`, 501, 506);
    expect(line.length).toBeLessThan(160);
    expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('IMAGE');
  });

  it('passes nothing on that could end a line or start a command', () => {
    const text = 'a: x';
    const said = shown(text, 4, 5, { path: 'a\n::error::b.yaml', reason: 'x\n::set-output name=a::b\r\n##[x]' });
    expect(said.filter((line) => line.startsWith('::'))).toEqual([]);
    expect(said[1]).toBe(' --> a↵::error::b.yaml:1:4');
  });

  it('does without a source', () => {
    expect(caretRenderer(() => undefined, pageOf)(FINDING).split('\n')[2]).toBe('  = why: because');
  });
});
