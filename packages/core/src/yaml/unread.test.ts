import { describe, expect, it } from '@jest/globals';
import { mentionsRepository } from './mentions.js';
import { scanBytes, scanText } from './scan.js';

describe('what can not be read', () => {
  it.each<[what: string, text: string, kind: string, line: number, names: boolean]>([
    ['a template line', '{{- if .x }}\nimage: ghcr.io/o/api:v1\n{{- end }}', 'template', 1, true],
    ['a template that parses', 'a: {{ .x }}\nimage: ghcr.io/o/api:v1\n', 'template', 1, true],
    ['a template without the repository', 'a: {{ .x }}\nimage: ghcr.io/o/web:v1\n', 'template', 1, false],
    ['a templated registry', 'image: "{{ .registry }}/o/api:v1"', 'template', 1, true],
    ['a variable for the host', `image: ${'$'}{REGISTRY}/o/api:v1`, 'template', 1, true],
    [
      'a split behind a template',
      'a: {{ .x }}\nimage:\n  registry: ghcr.io\n  repository: o/api\n',
      'template',
      1,
      true,
    ],
    ['a secret', 'image: ghcr.io/o/api:v1\nkey: ENC[AES256,x]\nsops: {mac: x}', 'encrypted', 1, true],
    ['a secret without it', 'image: ghcr.io/o/web:v1\nkey: ENC[AES256,x]\nsops: {mac: x}', 'encrypted', 1, false],
    ['a tab', 'a: 1\nimage:\n\tref: ghcr.io/o/api:v1', 'invalid-yaml', 3, true],
    ['a digest without quotes', 'image: @sha256:x', 'invalid-yaml', 1, false],
    ['an alias to nothing', 'a: 1\nimage: *x # ghcr.io/o/api', 'invalid-yaml', 2, true],
  ])('%s', (_, text, kind, line, names) => {
    const { unread } = scanText({ path: 'v.yaml', text });
    expect(unread).toMatchObject([{ kind, line }]);
    expect(unread.some((entry) => mentionsRepository(entry, 'ghcr.io/o/api'))).toBe(names);
  });

  it('reads the other documents of a broken file', () => {
    const { references, unread } = scanText({
      path: 'v.yaml',
      text: 'image: o/a:1\n---\nimage: [\n---\nimage: o/b:1\n',
    });
    expect(references.map(({ document, line }) => [document, line])).toEqual([
      [0, 1],
      [2, 5],
    ]);
    expect(unread).toMatchObject([{ kind: 'invalid-yaml' }]);
  });

  it('says that bytes are no UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('image: ghcr.io/o/api:v1 # '), Buffer.from([0xff])]);
    const { references, unread } = scanBytes({ path: 'v.yaml', bytes });
    expect(references).toEqual([]);
    expect(unread).toMatchObject([{ kind: 'not-utf8', mentions: ['ghcr.io/o/api'] }]);
    expect(scanBytes({ path: 'v.yaml', bytes: Buffer.from('\ufeffimage: o/api:v1') }).references).toHaveLength(1);
    expect(scanBytes({ path: 'v.yaml', bytes: Buffer.from([0xff, 0xfe]) })).toMatchObject({
      references: [],
      unread: [],
    });
  });

  it('does not read a file of many megabytes', () => {
    const text = `image: ghcr.io/o/api:v1\n${'# x\n'.repeat(3_000_000)}`;
    expect(scanText({ path: 'v.yaml', text })).toMatchObject({ references: [], unread: [{ kind: 'too-large' }] });
  });

  it.each([
    ['depth', `image: ${'['.repeat(50_000)}`],
    ['a long line', `image: ${'a/'.repeat(500_000)}`],
    ['many keys', Array.from({ length: 5_000 }, (_, key) => `k${key}Image: o/x:1`).join('\n')],
    ['digits', `image: {repository: o/a, tag: ${'1'.repeat(500_000)}}`],
    ['one word', `image: ${'image'.repeat(200_000)}`],
    ['colons', `image: ${'a:'.repeat(200_000)}/{{ x }}`],
    [
      'merges',
      `${Array.from(
        { length: 60 },
        (_, at) =>
          `m${at}: &m${at} {<<: [${Array(9)
            .fill(at === 0 ? '{image: "o/a:1"}' : `*m${at - 1}`)
            .join(',')}]}`,
      ).join('\n')}`,
    ],
  ])('comes back soon from %s', (_, text) => {
    const started = performance.now();
    scanText({ path: 'v.yaml', text });
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('what shows no image key', () => {
  const template = '# runs ghcr.io/o/api\n{{- range .Values.things }}\nx: {{ . }}\n{{- end }}\n';
  const secret = '# for ghcr.io/o/api\npassword: ENC[AES256_GCM,data:abc,type:str]\nsops:\n  mac: ENC[x]\n';

  it.each([
    ['template', template],
    ['encrypted', secret],
  ])('a %s file is listed where a promotion asks for it, with what it names', (kind, text) => {
    expect(scanText({ path: 'x.yaml', text }).unread).toEqual([]);
    const { unread } = scanText({ path: 'x.yaml', text }, { unreadable: true });
    expect(unread).toMatchObject([{ kind }]);
    expect(unread.some((one) => mentionsRepository(one, 'ghcr.io/o/api'))).toBe(true);
  });
});
