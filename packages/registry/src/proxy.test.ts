import { describe, expect, it } from '@jest/globals';
import { proxiedBy } from './proxy.js';

describe('proxiedBy', () => {
  const proxy = 'http://proxy.example:3128';
  it.each([
    [{}, 'https://ghcr.io/', false],
    [{ HTTPS_PROXY: proxy }, 'https://ghcr.io/', true],
    [{ https_proxy: proxy }, 'https://ghcr.io/', true],
    [{ HTTPS_PROXY: proxy }, 'http://ghcr.io/', false],
    [{ HTTP_PROXY: proxy }, 'https://ghcr.io/', false],
    [{ HTTP_PROXY: proxy }, 'http://ghcr.io/', true],
    [{ HTTPS_PROXY: '' }, 'https://ghcr.io/', false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: '*' }, 'https://ghcr.io/', false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: 'localhost, GHCR.io' }, 'https://ghcr.io/', false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: 'ghcr.io:443' }, 'https://ghcr.io/', false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: 'ghcr.io:8443' }, 'https://ghcr.io/', true],
    [{ HTTPS_PROXY: proxy, NO_PROXY: '.corp.example' }, 'https://registry.corp.example/', false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: '*.corp.example' }, 'https://registry.corp.example/', false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: 'corp.example' }, 'https://registry.corp.example/', true],
    [{ HTTPS_PROXY: proxy, NO_PROXY: '.corp.example' }, 'https://corp.example.evil.example/', true],
    [{ HTTPS_PROXY: proxy, no_proxy: 'a', NO_PROXY: 'ghcr.io' }, 'https://ghcr.io/', true],
  ])('%j: %s → %p', (env, url, expected) => {
    expect(proxiedBy(env)(new URL(url))).toBe(expected);
  });
});
