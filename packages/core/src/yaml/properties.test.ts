import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import type { ImageEdit } from './edit-plan.js';
import { rewriteImages } from './rewrite.js';
import { readsAsString } from './scalar.js';
import { scanBytes, scanText } from './scan.js';
import { setScalar } from './set-scalar.js';

const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
const digest = hex.map((digits) => `sha256:${digits}`);
const tag = fc.oneof(
  fc.constantFrom('main', 'latest', '1.10', '7', '1e10', 'v1.2.3', '1234567', '72225e2', 'sha-4f9a1c2'),
  fc.stringMatching(/^[0-9a-f]{7}$/),
);
const repository = fc.constantFrom('ghcr.io/o/api', 'ghcr.io/o/web', 'redis', 'registry:5000/o/db');

/** A scalar in one of YAML's styles, as it may stand behind `key: ` or in a flow collection. */
function styled(value: string): fc.Arbitrary<string> {
  return fc.constantFrom(value, `"${value}"`, `'${value}'`, `&a${value.length} ${value}`, `!!str ${value}`);
}

const comment = fc.constantFrom('', '', ' # comment', '   #image: x', ' # {{ x }}');

/** An image in one of its shapes, as the lines below a key, indented by two. */
const image: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc
    .tuple(repository, tag, fc.option(digest, { nil: undefined }), fc.constantFrom('image', 'image:ref', 'sideImage'))
    .chain(([name, version, pin, key]) =>
      fc
        .tuple(styled(`${name}:${version}${pin === undefined ? '' : `@${pin}`}`), comment)
        .map(([text, end]) =>
          key === 'image:ref' ? ['  image:', `    ref: ${text}${end}`] : [`  ${key}: ${text}${end}`],
        ),
    ),
  fc
    .tuple(repository, fc.option(tag), fc.option(fc.oneof(digest, fc.constant(''))), fc.boolean(), comment)
    .chain(([name, version, pin, flow, end]) =>
      fc
        .tuple(styled(name), styled(version ?? 'v1.0.0'), fc.constantFrom('digest', 'sha'))
        .map(([written, writtenTag, key]) => {
          const pinned = key === 'sha' && pin !== null ? pin.replace('sha256:', '') : pin;
          const parts = [
            `repository: ${written}`,
            ...(version === null ? [] : [`tag: ${writtenTag}`]),
            ...(pinned === null ? [] : [`${key}: "${pinned}"`]),
          ];
          return flow
            ? [`  image: {${parts.join(', ')}}${end}`]
            : ['  image:', ...parts.map((part) => `    ${part}${end}`)];
        }),
    ),
  fc.constantFrom(
    ['  note: plain'],
    ['  list: [1, 0x1F, {b: 1}]'],
    ['  text: |', '    image: not: yaml', '', '    x'],
    ['  # only this'],
  ),
);

/** A values file with shuffled keys, blank lines, either line end, with or without byte order mark and final line break. */
const document = fc
  .tuple(
    fc.array(image, { minLength: 1, maxLength: 6 }),
    fc.constantFrom('\n', '\r\n'),
    fc.boolean(),
    fc.boolean(),
    fc.constantFrom('', '---\n', '# head\n\n'),
  )
  .map(([images, eol, mark, final, head]) => {
    const lines = images.flatMap((body, index) => [
      `k${index}:`,
      '  first: x',
      ...body,
      ...(index % 2 === 0 ? [''] : []),
    ]);
    return `${mark ? '\ufeff' : ''}${head}${lines.join('\n')}${final ? '\n' : ''}`.replaceAll('\n', eol);
  });

const kustomization = fc
  .array(fc.tuple(repository, fc.option(tag), fc.option(digest), fc.constantFrom('', ' # c')), {
    minLength: 1,
    maxLength: 4,
  })
  .chain((entries) => fc.tuple(fc.constant(entries), fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '  ')))
  .map(([entries, eol, indent]) => {
    const lines = entries.flatMap(([name, version, pin, end]) => [
      `${indent}- name: ${name}${end}`,
      ...(version === null ? [] : [`${indent}  newTag: "${version}"${end}`]),
      ...(pin === null ? [] : [`${indent}  digest: ${pin}${end}`]),
    ]);
    return ['images:', ...lines, 'resources: []', ''].join(eol);
  });

const request: fc.Arbitrary<ImageEdit> = fc
  .tuple(repository, digest, fc.option(fc.oneof(tag, fc.constant('v2.0.0')), { nil: undefined }))
  .map(([name, pin, version]) => ({
    repository: name,
    digest: pin,
    ...(version === undefined ? {} : { tag: version }),
  }));

function values(text: string): readonly unknown[] {
  return parseAllDocuments(text, { uniqueKeys: false }).map((parsed) => parsed.toJS({ maxAliasCount: -1 }));
}

/** Replaces every string or number that differs between two values by a mark, so that the rest can be compared. */
function holes(before: unknown, after: unknown): readonly [unknown, unknown, number] {
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null) {
    return before === after ? [before, after, 0] : ['*', '*', 1];
  }
  const changed = { count: 0 };
  const left: Record<string, unknown> = {};
  const right: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = Reflect.get(before, key);
    const now = Reflect.get(after, key);
    const [oldHole, nowHole, count] = key in before ? holes(old, now) : [now, now, 1];
    left[key] = oldHole;
    right[key] = nowHole;
    changed.count += count;
  }
  return [left, right, changed.count];
}

describe('properties of edits', () => {
  it.each([
    ['values', document, 'values.yaml'],
    ['kustomizations', kustomization, 'kustomization.yaml'],
  ] as const)('in %s only the values change, or nothing, and a second time nothing', (_, texts, path) => {
    let edited = 0;
    fc.assert(
      fc.property(texts, request, (text, wanted) => {
        const result = rewriteImages({ path, text }, wanted);
        if (!result.ok) {
          expect(result.refusals.map(({ code }) => code)).not.toContain('verification-failed');
          return;
        }
        let rest = text;
        let restAfter = result.text;
        for (const edit of [...result.edits].reverse()) {
          const shift = result.edits
            .filter(({ range }) => range[0] < edit.range[0])
            .reduce((sum, { newText, oldText }) => sum + newText.length - oldText.length, 0);
          const start = edit.range[0] + shift;
          expect(result.text.slice(start, start + edit.newText.length)).toBe(edit.newText);
          rest = rest.slice(0, edit.range[0]) + rest.slice(edit.range[1]);
          restAfter = restAfter.slice(0, start) + restAfter.slice(start + edit.newText.length);
        }
        expect(restAfter).toBe(rest);
        const [left, right, count] = holes(values(text), values(result.text));
        expect(left).toEqual(right);
        expect(count).toBeGreaterThanOrEqual(result.edits.length === 0 ? 0 : 1);
        const again = rewriteImages({ path, text: result.text }, wanted);
        expect(again).toEqual({ ok: true, text: result.text, edits: [] });
        edited += result.edits.length;
      }),
      { numRuns: 200 },
    );
    expect(edited).toBeGreaterThan(25);
  });

  it('no text, and no bytes, break the scanner or the editor', () => {
    const yamlish = fc
      .array(
        fc.constantFrom(
          'image',
          ': ',
          '\n',
          '  ',
          '- ',
          '"',
          "'",
          '{',
          '}',
          '[',
          ']',
          '|\n',
          '>-\n',
          '&a ',
          '*a',
          '!t ',
          '#',
          '---\n',
          '{{',
          '\t',
          '\r\n',
          'o/api:v1',
          '<<',
          '? ',
          'kind',
          '%',
          ',',
          '\ufeff',
          '\u0000',
          'values',
          'images',
          'newTag',
          'digest',
          'repository',
        ),
        { maxLength: 40 },
      )
      .map((parts) => parts.join(''));
    const anything = fc.oneof(
      yamlish,
      fc.string({ unit: 'binary', maxLength: 60 }).map((text) => `image: ${text}`),
      document,
    );
    fc.assert(
      fc.property(anything, request, (text, wanted) => {
        for (const site of scanText({ path: 'kustomization.yaml', text }).references) {
          expect(site.line).toBeGreaterThanOrEqual(1);
          expect(site.column).toBeGreaterThanOrEqual(1);
        }
        const result = rewriteImages({ path: 'v.yaml', text }, { ...wanted, repository: 'o/api' });
        if (result.ok)
          expect(
            rewriteImages({ path: 'v.yaml', text: result.text }, { ...wanted, repository: 'o/api' }),
          ).toMatchObject({ ok: true, edits: [] });
      }),
      { numRuns: 700 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const named = Buffer.concat([Buffer.from('image: '), bytes]);
        const scan = scanBytes({ path: 'v.yaml', bytes: named });
        expect(scan.path).toBe('v.yaml');
      }),
    );
  });

  it('setScalar writes any string so that every parser reads it back', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('1e3', '010', 'yes', 'null', '~', '- a', 'a: b', '#', "'", '"', ' x ', '2024-01-01', '12:30'),
    );
    const place = fc.constantFrom('a: {b: x, c: 1} # d\n', "a:\n  b: 'x'\n", 'a:\r\n  b: "x"\r\n  c: 2', 'a:\n  b:\n');
    fc.assert(
      fc.property(place, text, (before, value) => {
        const result = setScalar({ path: 'v.yaml', text: before }, 'a.b', value);
        if (!result.ok) {
          expect(result.refusals[0].code).toBe('style');
          return;
        }
        const [parsed] = values(result.text);
        expect(parsed).toMatchObject({ a: { b: value } });
        expect(setScalar({ path: 'v.yaml', text: result.text }, 'a.b', value)).toMatchObject({ ok: true, edits: [] });
      }),
      { numRuns: 300 },
    );
  });

  it('what reads as a string is one to the yaml package, too', () => {
    const plain = fc.oneof(fc.stringMatching(/^[-+]?[0-9a-fox_.eE:]{1,8}$/), tag);
    fc.assert(
      fc.property(plain, (value) => {
        // A colon at either end makes a mapping of it, a dash alone a list; `e0` is NaN to this package alone.
        if (!readsAsString(value) || /^:|:$|^-$|^[-+]?e[0-9]/i.test(value)) return;
        for (const version of ['1.1', '1.2'] as const) {
          const [parsed] = parseAllDocuments(`a: ${value}\n`, { version });
          expect(parsed?.toJS()).toEqual({ a: value });
        }
      }),
      { numRuns: 500 },
    );
  });
});
