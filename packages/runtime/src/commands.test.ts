import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createCommands, formatCommand, formatFileCommand, inertLines } from './commands.js';

function setUp(env: Readonly<Record<string, string>> = {}) {
  let written = '';
  const commands = createCommands(
    env,
    (text) => {
      written += text;
    },
    () => 'c0ffee',
  );
  return { commands, written: () => written };
}

describe('workflow commands', () => {
  it.each([
    [formatCommand('debug', {}, 'a%\r\nb'), '::debug::a%25%0D%0Ab'],
    [
      formatCommand('error', { file: 'a,b:c%', line: 3, col: undefined }, 'x: y, z'),
      '::error file=a%2Cb%3Ac%25,line=3::x: y, z',
    ],
    [formatCommand('endgroup', {}, ''), '::endgroup::'],
  ])('%s', (command, expected) => {
    expect(command).toBe(expected);
  });

  it('are one line each, whatever they carry', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (title, data) => {
        const command = formatCommand('warning', { title }, data);
        expect(command).not.toMatch(/[\r\n]/);
        expect(command.slice('::warning title='.length).split('::')[0]).not.toMatch(/[:,]/);
      }),
    );
  });

  it('mark annotations with columns only on one line', () => {
    const { commands, written } = setUp();
    commands.annotate('error', 'm', { title: 't', file: 'a.yaml', line: 2, column: 5, endColumn: 9 });
    commands.annotate('notice', 'm', { file: 'a.yaml', line: 2, endLine: 4, column: 5 });
    commands.annotate('warning', 'm', {});
    expect(written()).toBe(
      '::error title=t,file=a.yaml,line=2,col=5,endColumn=9::m\n::notice file=a.yaml,line=2,endLine=4::m\n::warning::m\n',
    );
  });

  it('mask, group and end groups', () => {
    const { commands, written } = setUp();
    commands.mask('a\nb');
    commands.startGroup('Resolve 1%');
    commands.endGroup();
    expect(written()).toBe('::add-mask::a%0Ab\n::group::Resolve 1%25\n::endgroup::\n');
  });
});

describe('plain lines', () => {
  it.each([
    ['::error::x', ': :error::x'],
    ['a\n  ::add-mask::x\r::stop-commands::y', 'a\n  : :add-mask::x\n: :stop-commands::y'],
    ['x ##[error]y', 'x ## [error]y'],
    ['###[group]', '### [group]'],
    ['std::vector a::b', 'std::vector a::b'],
  ])('%j becomes %j', (text, inert) => {
    expect(inertLines(text)).toBe(inert);
  });

  it('never hold a command, as the runner looks for one', () => {
    const text = fc
      .array(fc.constantFrom('::', ':', '##[', '#', '[', ' ', '\t', '\u00a0', '\n', '\r', 'error', ']', 'x'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (value) => {
        for (const line of inertLines(value).split(/\r\n|\r|\n/)) {
          expect(line.trimStart().startsWith('::')).toBe(false);
          expect(line).not.toContain('##[');
        }
      }),
    );
  });
});

describe('file commands', () => {
  it('hold values of any number of lines', () => {
    expect(formatFileCommand('refs', 'a\nb', 'E')).toBe('refs<<E\na\nb\nE\n');
    expect(() => formatFileCommand('refs', 'a\nE\nforged=1', 'E')).toThrow('delimiter');
  });

  it('append to the files that the runner names', () => {
    const folder = mkdtempSync(join(tmpdir(), 'waybill-commands-'));
    const env = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary') };
    const { commands, written } = setUp(env);
    commands.output('digest', 'sha256:1');
    commands.output('reason-code', 'ok');
    expect(commands.summary('# Title')).toBe(true);
    expect(readFileSync(env.GITHUB_OUTPUT, 'utf8')).toBe(
      'digest<<waybill_c0ffee\nsha256:1\nwaybill_c0ffee\nreason-code<<waybill_c0ffee\nok\nwaybill_c0ffee\n',
    );
    expect(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8')).toBe('# Title\n');
    expect(written()).toBe('');
    rmSync(folder, { recursive: true });
  });

  it('are printed, or left out, where the runner names none', () => {
    const { commands, written } = setUp();
    commands.output('digest', '::error::x');
    expect(commands.summary('# Title')).toBe(false);
    expect(written()).toBe('Output digest: ::error::x\n');
  });
});
