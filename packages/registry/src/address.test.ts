import { describe, expect, it } from '@jest/globals';
import { type AddressRules, createAddresses, isLoopback, isPrivateAddress } from './address.js';

const PUBLIC = '203.0.114.10';

function addresses(rules: Partial<AddressRules> = {}) {
  return createAddresses({
    insecureHosts: [],
    privateHosts: [],
    proxied: () => false,
    lookup: async () => [PUBLIC],
    ...rules,
  });
}

describe('isPrivateAddress', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.8.9.10',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    '64:ff9b::10.0.0.1',
    'not an address',
    '',
  ])('%s is', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });
  it.each([
    '8.8.8.8',
    '140.82.112.33',
    '172.32.0.1',
    '100.128.0.1',
    '2606:50c0:8000::153',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
  ])('%s is not', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});

describe('isLoopback', () => {
  it.each(['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])('%s is', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  it.each(['localhost.example', '127.0.0.1.nip.io', '10.0.0.1', '[::2]', 'ghcr.io', '127.example'])(
    '%s is not',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});

describe('apiBase', () => {
  it.each([
    ['ghcr.io', 'https://ghcr.io/'],
    ['docker.io', 'https://registry-1.docker.io/'],
    ['registry.example:5000', 'https://registry.example:5000/'],
    ['localhost:5000', 'http://localhost:5000/'],
    ['127.0.0.1:443', 'http://127.0.0.1:443/'],
    ['[::1]:5000', 'http://[::1]:5000/'],
    ['plain.example', 'http://plain.example/'],
    ['port.example:5000', 'http://port.example:5000/'],
    ['port.example:5001', 'https://port.example:5001/'],
    ['plain.example.evil.example', 'https://plain.example.evil.example/'],
  ])('%s is %s', (domain, expected) => {
    const { apiBase } = addresses({ insecureHosts: ['plain.example', 'port.example:5000'] });
    expect(apiBase(domain).href).toBe(expected);
  });

  it.each(['user@host', 'host/path', 'host?query', 'ho st', ''])('"%s" is no host', (domain) => {
    expect(() => addresses().apiBase(domain)).toThrow(expect.objectContaining({ code: 'reference-invalid' }));
  });
});

describe('check', () => {
  const allowed: readonly (readonly [string, string, string, Partial<AddressRules>])[] = [
    ['a public name', 'https://ghcr.io/v2/', 'ghcr.io', {}],
    ['a public address', 'https://8.8.8.8/v2/', '8.8.8.8', {}],
    ['loopback for a loopback registry', 'http://127.0.0.1:9/blob', 'localhost:5000', {}],
    ['plain HTTP where named', 'http://plain.example/v2/', 'plain.example', { insecureHosts: ['plain.example'] }],
    [
      'plain HTTP on the default port where named with it',
      'http://plain.example/',
      'x',
      { insecureHosts: ['plain.example:80'] },
    ],
    [
      'a private address where named',
      'https://inside.example/',
      'x.example',
      { privateHosts: ['inside.example'], lookup: async () => ['10.0.0.1'] },
    ],
    [
      'an insecure host at a private address',
      'http://10.0.0.5:5000/',
      '10.0.0.5:5000',
      { insecureHosts: ['10.0.0.5:5000'] },
    ],
    [
      'any name behind a proxy',
      'https://ghcr.io/',
      'ghcr.io',
      { proxied: () => true, lookup: async () => ['10.0.0.1'] },
    ],
  ];
  it.each(allowed)('lets pass: %s', async (_name, url, registry, rules) => {
    await expect(addresses(rules).check(new URL(url), registry)).resolves.toBeUndefined();
  });

  const refused: readonly (readonly [string, string, string, Partial<AddressRules>])[] = [
    ['plain HTTP', 'http://ghcr.io/', 'ghcr.io', {}],
    ['another scheme', 'file:///etc/passwd', 'ghcr.io', {}],
    ['a user in the address', 'https://user:secret@ghcr.io/', 'ghcr.io', {}],
    ['loopback for a public registry', 'https://127.0.0.1/', 'ghcr.io', {}],
    ['loopback over plain HTTP for a public registry', 'http://localhost:8080/', 'ghcr.io', {}],
    ['the metadata service', 'https://169.254.169.254/latest', 'evil.example', {}],
    ['a private address written as a number', 'https://2852039166/latest', 'evil.example', {}],
    ['a private IPv6 address', 'https://[fd00::1]/', 'evil.example', {}],
    ['a private address behind a proxy', 'https://10.0.0.1/', 'evil.example', { proxied: () => true }],
    ['a private address from a loopback registry', 'https://10.0.0.1/', 'localhost:5000', {}],
    [
      'a name for a private address',
      'https://inside.example/',
      'evil.example',
      { lookup: async () => [PUBLIC, '192.168.0.1'] },
    ],
    ['a name for loopback, even for itself', 'https://loop.example/', 'loop.example', { lookup: async () => ['::1'] }],
    [
      'another port of a private host named with its port',
      'https://inside.example:8443/',
      'x',
      { privateHosts: ['inside.example:443'], lookup: async () => ['10.0.0.1'] },
    ],
  ];
  it.each(refused)('refuses: %s', async (_name, url, registry, rules) => {
    await expect(addresses(rules).check(new URL(url), registry)).rejects.toMatchObject({ code: 'registry-untrusted' });
  });

  it('looks a name up once, and again after a failure', async () => {
    const asked: string[] = [];
    const { check } = addresses({
      lookup: async (name) => {
        asked.push(name);
        if (asked.length === 1) throw new Error('EAI_AGAIN');
        return [PUBLIC];
      },
    });
    const url = new URL('https://ghcr.io/');
    await expect(check(url, 'ghcr.io')).rejects.toThrow('EAI_AGAIN');
    await Promise.all([check(url, 'ghcr.io'), check(url, 'ghcr.io')]);
    expect(asked).toEqual(['ghcr.io', 'ghcr.io']);
  });
});
