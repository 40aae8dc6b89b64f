import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { blocks, code, codeBlock, details, heading, linksTo, list, table } from './blocks.js';
import { escaped, joined, markdown, raw, render } from './markdown.js';
import { visibleLine } from './text.js';

const Z = '&#x200B;';

describe('markdown', () => {
  it.each([
    ['two *stars* and _lines_', 'two \\*stars\\* and \\_lines\\_'],
    ['@acme/team', `@${Z}acme/team`],
    ['Fixes #1 and o/r#2 and GH-3', `Fixes #${Z}1 and o/r#${Z}2 and GH-${Z}3`],
    ['<img src="x">', '&lt;img src=&quot;x&quot;&gt;'],
    ['![a](https://e.example/x)', `\\!\\[a\\]\\(https:${Z}//e.example/x\\)`],
    ['www.e.example', `www${Z}.e.example`],
    ['a@e.example', `a@${Z}e.example`],
    ['`x` | $y$', '&#x60;x&#x60; &#x7C; &#x24;y&#x24;'],
    ['0123456789abcdef', `012345${Z}6789ab${Z}cdef`],
    ['abcdef', 'abcdef'],
    [`sha256:${'0'.repeat(64)}`, `sha256:${'0'.repeat(64)}`],
    [':tada:', `\\:${Z}tada:`],
    ['main: v1.2', 'main: v1.2'],
    ['a\n\n# b', `a↵↵#${Z} b`],
    ['AT&amp;T', 'AT&amp;amp;T'],
    ['C:\\temp', 'C:\\\\temp'],
  ])('%j is escaped to %j', (value, source) => {
    expect(render(markdown`x ${value} y`)).toBe(`x ${source} y`);
  });

  it.each([
    ['- a', '\\- a'],
    ['+ a', '\\+ a'],
    ['1. a', '1\\. a'],
    ['# a', `#${Z} a`],
    ['---', '\\---'],
    ['===', '\\==='],
    ['    a', 'a'],
  ])('%j at the start of a line starts no block', (value, source) => {
    expect(render(markdown`${value}`)).toBe(source);
  });

  it('leaves numbers and its own pieces as they are', () => {
    expect(render(markdown`#${12}: ${code('a_b')} of ${escaped('a_b')}`)).toBe('#12: `a_b` of a\\_b');
  });

  it.each([
    [render(markdown`${'GH'}${'-1'}`), `GH${Z}\\-1`],
    [render(markdown`${'abc'}${'1234567'}`), `abc${Z}123456${Z}7`],
    [render(markdown`${code('a')}${code('b')}`), `\`a\`${Z}\`b\``],
    [render(markdown`@${'ada'} #${'1'} GH-${'1'}`), `@${Z}ada #${Z}1 GH-${Z}1`],
  ])('two harmless halves stay apart: %j', (source, expected) => {
    expect(source).toBe(expected);
  });

  it('gives blocks lines of their own, without what stood before them on their line', () => {
    expect(
      render(markdown`before
      ${codeBlock('yaml', 'a: 1')}   after`),
    ).toBe('before\n\n```yaml\na: 1\n```\n\nafter');
  });

  it('shows text that reads as what was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(decoded(render(escaped(value)))).toBe(visibleLine(value));
      }),
    );
  });

  it('takes no object for a piece that it did not make', () => {
    const forged = JSON.parse('{"source":"<b>","block":false}');
    expect(() => render(markdown`${forged}`)).toThrow(TypeError);
  });
});

describe('code', () => {
  it.each([
    ['a', '`a`'],
    ['a`b', '``a`b``'],
    ['``', '``` `` ```'],
    ['a|b*', '<code>a&#x7C;b&#x2A;</code>'],
    ['a\nb', '`a↵b`'],
    ['@ada #1', '`@\u200bada #\u200b1`'],
    [' ', '*(empty)*'],
  ])('%j is %j', (value, source) => {
    expect(render(code(value))).toBe(source);
  });
});

describe('codeBlock', () => {
  it('has a longer fence than its content, and no foreign language', () => {
    expect(render(codeBlock('diff', '- a\n```\n</details>\n\n'))).toBe('````diff\n- a\n```\n</details>\n````');
    expect(render(codeBlock('x`\n', 'a'))).toBe('```\na\n```');
  });
});

describe('linksTo', () => {
  const link = linksTo('https://github.example');
  it.each([
    ['https://github.example/o/r/compare/a...b', '[x](https://github.example/o/r/compare/a...b)'],
    ['https://github.example/o/(r) "t"', '[x](https://github.example/o/%28r%29%20%22t%22)'],
    ['https://github.example.evil/', 'x (`https://github.example.evil/`)'],
    ['https://ada@github.example/', 'x (`https://ada@github.example/`)'],
    ['http://github.example/', 'x (`http://github.example/`)'],
    ['javascript:alert(1)', 'x (`javascript:alert(1)`)'],
    ['not a url', 'x (`not a url`)'],
  ])('%j', (url, source) => {
    expect(render(link('x', url))).toBe(source);
  });

  it('escapes its label', () => {
    expect(render(link('a](b', 'https://github.example/'))).toBe('[a\\]\\(b](https://github.example/)');
  });
});

describe('blocks of a page', () => {
  it('makes tables whose cells stay cells', () => {
    expect(render(table(['a', 'b'], [['x|y\nz', code('p|q')], [markdown`r|s`]]))).toBe(
      '| a | b |\n| --- | --- |\n| x&#x7C;y↵z | <code>p&#x7C;q</code> |\n| r&#x7C;s |  |',
    );
  });

  it('makes details that only they close', () => {
    expect(render(details('a </summary> *b*', markdown`${'</details>'}`))).toBe(
      '<details>\n<summary>a &lt;/summary&gt; &#x2A;b&#x2A;</summary>\n\n&lt;/details&gt;\n\n</details>',
    );
  });

  it('makes headings and lists, and joins', () => {
    const page = blocks([
      heading(2, 'A\nB'),
      list(['a', blocks(['b', codeBlock('', 'c\n\nd')])]),
      '',
      joined(['e', 1]),
    ]);
    expect(render(page)).toBe('## A↵B\n\n- a\n- b\n  \n  ```\n  c\n  \n  d\n  ```\n\ne, 1');
  });

  it('takes our own Markdown as it is', () => {
    expect(render(raw('**a** <!-- b -->'))).toBe('**a** <!-- b -->');
  });
});

/** What a reader sees of escaped text: backslash escapes and entities resolved, our breaks gone. */
function decoded(source: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return source
    .replaceAll(Z, '')
    .replace(/\\([!-/:-@[-`{-~])|&(?:#x([0-9A-F]+)|([a-z]+));/g, (_, sign, hex, name) =>
      sign !== undefined
        ? sign
        : hex !== undefined
          ? String.fromCodePoint(Number.parseInt(hex, 16))
          : (named[name] ?? '?'),
    );
}
