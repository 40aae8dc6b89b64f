import { describe, expect, it } from '@jest/globals';
import { parseReference, type Resolution, WaybillError } from '@waybill/core';
import { answerError, deniedError, explainUnreadable, plainText, registryMessage } from './errors.js';

const GHCR = { domain: 'ghcr.io', path: 'o/api', text: 'ghcr.io/o/api:main' };
const OTHER = { domain: 'x.example', path: 'o/api', text: 'x.example/o/api:main' };

function answered(status: number, body = '', more = {}) {
  const url = new URL('https://x.example/v2/');
  return { status, body: Buffer.from(body), url, leftOrigin: false, asked: 'anonymous', ...more } as const;
}

describe('answerError', () => {
  const unknown = '{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known"}]}';
  it.each([
    [OTHER, 401, '', 'registry-denied', 'docker login'],
    [OTHER, 403, '', 'registry-denied', 'registry-token'],
    [OTHER, 404, unknown, 'registry-not-found', 'repository name not known'],
    [GHCR, 404, unknown, 'registry-denied', 'missing or not accessible'],
    [GHCR, 403, '', 'registry-denied', 'packages: read'],
    [OTHER, 429, '', 'registry-unavailable', 'rate limit'],
    [OTHER, 503, '', 'registry-unavailable', 'Run again'],
    [OTHER, 418, '', 'registry-protocol', 'answered 418'],
  ])('%j %p %s is %s', (image, status, body, code, part) => {
    const error = answerError(image, answered(status, body));
    expect(error.code).toBe(code);
    expect(error.message).toContain(part);
    expect(error.where).toEqual({ image: image.text });
  });

  it('names where a redirect led, without the query that may hold a signature', () => {
    const url = new URL('https://cdn.example/blob?X-Signature=secret');
    const error = answerError(OTHER, answered(403, '', { leftOrigin: true, url }));
    expect(error).toMatchObject({ code: 'registry-protocol', message: expect.stringContaining('cdn.example') });
    expect(error.message).not.toContain('secret');
  });

  it.each([
    ['anonymous', 'an anonymous reader'],
    ['input', 'the registry-token given'],
    ['docker-config', "docker login's credential"],
    ['github-token', 'GITHUB_TOKEN'],
  ] as const)('names the credential: %s', (asked, name) => {
    expect(deniedError(OTHER, asked, 'answered 401').message).toContain(name);
  });

  it('writes a nested package name into the link as one', () => {
    const image = { domain: 'ghcr.io', path: 'o/team/api', text: 'x' };
    expect(deniedError(image, 'github-token', '').message).toContain('orgs/o/packages/container/team%2Fapi/settings');
  });
});

describe('foreign text', () => {
  it('is one printable line of bounded length', () => {
    expect(plainText('a\r\n::error::b\u202e\u0000\t c')).toBe('a ::error::b c');
    expect(plainText('x'.repeat(1000))).toHaveLength(201);
  });

  it.each([
    ['{"errors":[{"code":"DENIED","message":"no\\nway"},{"message":"x"}]}', 'DENIED no way; x'],
    ['{"errors":"no"}', ''],
    ['{"errors":[null,1]}', ''],
    ['<html>', ''],
    ['', ''],
  ])('of an error body %s is "%s"', (body, expected) => {
    expect(registryMessage(Buffer.from(body))).toBe(expected);
  });
});

describe('explainUnreadable', () => {
  const resolved: Resolution = {
    kind: 'resolved',
    image: {
      reference: parseReference('ghcr.io/o/ok:main'),
      digest: 'sha256:x',
      mediaType: '',
      platforms: [],
      annotations: {},
    },
  };
  const denied = (text: string): Resolution => {
    const [, path = ''] = /^ghcr\.io\/([^:]+)/.exec(text) ?? [];
    const error = deniedError({ domain: 'ghcr.io', path, text }, 'github-token', 'answered 403');
    return { kind: 'failed', reference: parseReference(text), error };
  };

  it('has nothing to say when all is well', () => {
    expect(explainUnreadable([resolved])).toBeUndefined();
    expect(explainUnreadable([])).toBeUndefined();
  });

  it('is the error itself when there is one', () => {
    const one = denied('ghcr.io/o/api:main');
    expect(explainUnreadable([resolved, one])).toBe(one.kind === 'failed' ? one.error : undefined);
    const absent: Resolution = { kind: 'absent', reference: parseReference('ghcr.io/o/api:main') };
    expect(explainUnreadable([absent])).toMatchObject({
      code: 'registry-not-found',
      what: 'ghcr.io/o/api has no tag main',
    });
  });

  it('lists every image with its reason, and each remedy once', () => {
    const absent: Resolution = { kind: 'absent', reference: parseReference('ghcr.io/o/gone:main') };
    const error = explainUnreadable([
      denied('ghcr.io/o/api:main'),
      resolved,
      denied('ghcr.io/o/web:main'),
      absent,
      absent,
    ]);
    expect(error).toBeInstanceOf(WaybillError);
    expect(error?.code).toBe('registry-denied');
    const text = error?.message ?? '';
    expect(text).toContain('4 of 5 images cannot be read');
    for (const name of ['ghcr.io/o/api:main: ', 'ghcr.io/o/web:main: ', 'ghcr.io/o/gone:main: '])
      expect(text).toContain(name);
    expect(text).toContain('packages/container/api/settings');
    expect(text).toContain('packages/container/web/settings');
    expect(text.split('Check the tag')).toHaveLength(2);
    expect(text).not.toContain('ok:main');
  });
});
