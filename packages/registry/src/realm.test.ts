import { describe, expect, it } from '@jest/globals';
import { createAddresses } from './address.js';
import { trustedRealm } from './realm.js';

const addresses = createAddresses({
  insecureHosts: ['plain.example:5000', 'auth.plain.example'],
  privateHosts: [],
  proxied: () => false,
  lookup: async () => ['203.0.114.10'],
});
const configured = { 'registry.corp.example': ['gitlab.corp.example'], 'x.example': ['auth.example:8443'] };

describe('trustedRealm', () => {
  it.each([
    ['ghcr.io', 'https://ghcr.io/token'],
    ['quay.io', 'https://quay.io/v2/auth'],
    ['team.azurecr.io', 'https://team.azurecr.io/oauth2/token'],
    ['docker.io', 'https://auth.docker.io/token'],
    ['registry.gitlab.com', 'https://gitlab.com/jwt/auth'],
    ['docker.elastic.co', 'https://docker-auth.elastic.co/auth'],
    ['registry.digitalocean.com', 'https://api.digitalocean.com/v2/registry/auth'],
    // A self-managed GitLab: the registry on another port of the same name.
    ['gitlab.example:5050', 'https://gitlab.example/jwt/auth'],
    ['registry.corp.example', 'https://gitlab.corp.example/jwt/auth'],
    ['x.example', 'https://auth.example:8443/token'],
    ['127.0.0.1:5000', 'http://127.0.0.1:5001/token'],
    ['localhost:5000', 'http://127.0.0.1:5001/token'],
    ['plain.example:5000', 'http://plain.example:5000/token'],
    ['plain.example:5000', 'http://auth.plain.example/token'],
  ])('%s may send to %s', (registry, realm) => {
    expect(trustedRealm(registry, realm, addresses, configured).href).toBe(new URL(realm).href);
  });

  it.each([
    ['ghcr.io', 'https://evil.example/token'],
    ['ghcr.io', 'https://ghcr.io.evil.example/token'],
    ['ghcr.io', 'https://notghcr.io/token'],
    ['ghcr.io', 'https://ghcr.io@evil.example/token'],
    ['ghcr.io', 'https://user:pass@ghcr.io/token'],
    ['ghcr.io', 'http://ghcr.io/token'],
    ['ghcr.io', 'http://127.0.0.1/token'],
    ['ghcr.io', 'https://auth.docker.io/token'],
    ['ghcr.io', 'https://gitlab.corp.example/jwt/auth'],
    ['docker.io', 'http://auth.docker.io/token'],
    ['docker.io.evil.example', 'https://auth.docker.io/token'],
    ['x.example', 'https://auth.example/token'],
    ['127.0.0.1:5000', 'http://evil.example/token'],
    ['127.0.0.1:5000', 'https://evil.example/token'],
    ['127.0.0.1:5000', 'http://169.254.169.254/token'],
    ['plain.example:5000', 'http://other.example/token'],
    ['evil.example', 'http://auth.plain.example/token'],
    ['constructor', 'https://evil.example/'],
  ])('%s may not send to %s', (registry, realm) => {
    expect(() => trustedRealm(registry, realm, addresses, configured)).toThrow(
      expect.objectContaining({ code: 'registry-untrusted' }),
    );
  });

  it.each(['', 'token', '/token', 'javascript:alert(1)', 'file:///etc/passwd', 'https://'])(
    '"%s" is no realm',
    (realm) => {
      expect(() => trustedRealm('ghcr.io', realm, addresses, configured)).toThrow(
        expect.objectContaining({ code: 'registry-protocol' }),
      );
    },
  );
});
