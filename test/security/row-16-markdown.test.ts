import { describe, expect, it } from '@jest/globals';
import {
  code,
  codeBlock,
  commitMessage,
  details,
  linksTo,
  list,
  markdown,
  parseTrailers,
  plainLine,
  render,
  table,
} from '@waybill/runtime';
import fc from 'fast-check';
import { type Finding, githubReads, githubReadsPlain } from './github-reads.js';

/**
 * Threat model, row 16: image labels, tags, commit subjects and file contents reach pull request bodies, trailers,
 * the summary and the board. Each attack first succeeds on the bare text, and must then find nothing to work with.
 */
const attacks: readonly (readonly [name: string, text: string, works: readonly Finding[]])[] = [
  ['mentions a team', 'cc @acme/everyone', ['mention']],
  ['mentions through an entity', '&commat;acme &#64;ada', ['mention']],
  ['mentions behind a backslash', '\\@ada', ['mention']],
  ['closes an issue', 'Fixes #1', ['reference']],
  ['closes an issue elsewhere', 'closes acme/api#12', ['reference']],
  ['refers by GH-', 'resolves GH-7', ['reference']],
  ['links a commit', 'see 0123456789abcdef0123456789abcdef01234567', ['commit']],
  ['closes our details', 'x</details><h1>Approved</h1>', ['html']],
  ['hides the rest in a comment', 'x <!-- waybill:promotion=forged -->', ['html']],
  ['loads a remote image', '![x](https://evil.example/beacon.png)', ['image', 'link', 'url']],
  ['loads a remote image by HTML', '<img src="//evil.example/beacon.png">', ['html']],
  ['links elsewhere', '[the approved run](https://evil.example)', ['link', 'url']],
  ['links by a reference definition', '[x]: https://evil.example', ['link', 'url']],
  ['links by itself', 'https://evil.example and www.evil.example', ['url']],
  ['links an address', 'mail a@evil.example', ['email']],
  ['opens code that swallows the rest', 'x ``` y', ['code']],
  ['adds table cells', 'api | sha256:forged | approved', ['cell']],
  ['adds lines', 'x\n\n## Approved by the release team', ['line']],
  ['turns the text around', 'refused \u202edevorppa', ['invisible']],
  ['hides letters', 'pay\u200bload\u{e0041}', ['invisible']],
  ['shouts', '**APPROVED** ~~not~~', ['emphasis']],
  ['draws', ':white_check_mark: $\\color{green}{ok}$', ['emoji', 'math']],
];

const foreign = fc
  .array(
    fc.oneof(
      fc.constantFrom(...attacks.map(([, text]) => text)),
      fc.constantFrom(
        ...'@#|`*_~<>[]()!\\&;:/.-+=$\n\r\t'.split(''),
        'www',
        'http',
        'GH',
        '1',
        'abc',
        '</',
        '```',
        ' ',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

describe('row 16: foreign text in Markdown', () => {
  it.each(attacks)('%s: works on bare text, not through markdown()', (_, text, works) => {
    expect(githubReads(text)).toEqual(expect.arrayContaining([...works]));
    expect(githubReads(render(markdown`${text}`))).toEqual([]);
    expect(githubReads(render(markdown`said ${text} here`))).toEqual([]);
  });

  it('finds nothing in any interpolated text, nor where two of them meet', () => {
    fc.assert(
      fc.property(foreign, foreign, (one, other) => {
        expect(githubReads(render(markdown`${one}`))).toEqual([]);
        expect(githubReads(render(markdown`${one}${other} ${one}`))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('starts no block at the start of a line', () => {
    fc.assert(
      fc.property(foreign, (text) => {
        expect(render(markdown`${text}`)).not.toMatch(/^(?: {4}|\t|[-+*>]|#{1,6}(?:\s|$)|\d+[.)]|=+\s*$|[~`]{3})/);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps a table at its rows and cells', () => {
    fc.assert(
      fc.property(foreign, foreign, (one, other) => {
        const rows = render(
          table(
            ['image', 'tag'],
            [
              [one, code(other)],
              [code(one), other],
            ],
          ),
        ).split('\n');
        expect(rows.map((row) => row.split('|').length)).toEqual([4, 4, 4, 4]);
      }),
    );
  });

  it('keeps a list at its items and details closed by themselves alone', () => {
    fc.assert(
      fc.property(foreign, (text) => {
        expect(render(list([text, text])).split('\n')).toHaveLength(2);
        expect(render(details(text, markdown`${text}`)).match(/<\/?[a-z]+>/g)).toEqual([
          '<details>',
          '<summary>',
          '</summary>',
          '</details>',
        ]);
      }),
    );
  });

  it('lets nothing out of a code span or block', () => {
    fc.assert(
      fc.property(foreign, (text) => {
        const span = render(code(text));
        const fence = /^`+/.exec(span)?.[0];
        const inside = fence === undefined ? span : span.slice(fence.length, -fence.length);
        expect(span).not.toContain('\n');
        expect(fence === undefined ? [] : (inside.match(/`+/g)?.filter((run) => run === fence) ?? [])).toEqual([]);
        const block = render(markdown`  x ${codeBlock('yaml', text)} y`).split('\n');
        const opening = block.findIndex((line) => /^`{3,}yaml$/.test(line));
        const closing = block.lastIndexOf(block[opening]?.replace('yaml', '') ?? '');
        const body = block.slice(opening + 1, closing);
        expect(
          body.filter((line) => /^ {0,3}`{3,}\s*$/.test(line) && line.trim().length >= (block[closing] ?? '').length),
        ).toEqual([]);
        expect([block[opening - 1], block[closing + 1]]).toEqual(['', '']);
      }),
      { numRuns: 300 },
    );
  });

  it("links to the forge's host only", () => {
    const link = linksTo('https://github.example');
    const to = (url: string) => /\]\(([^)]*)\)/.exec(render(link('x', url)))?.[1];
    expect(to('https://github.example/acme/api/commit/1')).toBe('https://github.example/acme/api/commit/1');
    for (const url of [
      'https://evil.example/',
      'https://github.example.evil.example/',
      'https://github.example@evil.example/',
      'https://ada:pw@github.example/',
      'http://github.example/',
      '//evil.example/',
      'javascript:alert(1)',
      'data:text/html,x',
    ]) {
      expect([url, to(url)]).toEqual([url, undefined]);
    }
    fc.assert(
      fc.property(foreign, (text) => {
        const target = to(`https://github.example/${text}`);
        expect(target ?? 'https://github.example/').toMatch(/^https:\/\/github\.example\/[^\s<>"'`\\[\]*_]*$/);
      }),
    );
  });
});

describe('row 16: foreign text in commit messages and titles', () => {
  it.each(attacks.filter(([, , works]) => works.some((finding) => finding === 'reference')))(
    '%s: works in a bare title, not in ours',
    (_, text) => {
      expect(githubReadsPlain(text)).toContain('reference');
      expect(githubReadsPlain(plainLine(text))).toEqual([]);
    },
  );

  it('forges no trailer', () => {
    const subject = 'feat: x\n\nWaybill-Freight: forged';
    expect(parseTrailers(subject)).toEqual([{ key: 'Waybill-Freight', value: 'forged' }]);
    expect(parseTrailers(commitMessage(subject, [], []))).toEqual([]);
    expect(parseTrailers(commitMessage('Promote', [subject, 'Waybill-Freight: forged'], []))).toEqual([]);
    expect(() => commitMessage('Promote', [], [{ key: 'Waybill-Freight', value: 'a\nWaybill-Stage: x' }])).toThrow();
  });

  it('finds no mention or reference in any', () => {
    fc.assert(
      fc.property(foreign, (text) => {
        const message = commitMessage(`Promote ${text}`, [text], []);
        expect(githubReadsPlain(message)).toEqual([]);
        expect(parseTrailers(message)).toEqual([]);
      }),
    );
  });
});
