import { WaybillError } from '@waybill/core';
import { type Addresses, hostnameOf } from './address.js';

/** Registry host → hosts that its token service may have. */
export type RealmTable = Readonly<Record<string, readonly string[]>>;

/**
 * Registries whose token service is known to be at another host. Most have it at their own (ghcr.io, quay.io, gcr.io,
 * *.pkg.dev, *.azurecr.io, public.ecr.aws) or use Basic (private ECR), and need no entry.
 */
const KNOWN_REALMS: RealmTable = {
  'docker.io': ['auth.docker.io'],
  'registry.gitlab.com': ['gitlab.com'],
  'docker.elastic.co': ['docker-auth.elastic.co'],
  'registry.digitalocean.com': ['api.digitalocean.com'],
};

/**
 * The token service a Bearer challenge names, if this registry's credentials may be sent there: HTTPS and the
 * registry's own host name (any port: the certificate is for the name), or a host that is known or configured for
 * it. Without TLS only where both the registry and the service may do without.
 * The realm is chosen by the registry, so an unchecked one sends the credential wherever a hostile registry likes.
 * @throws WaybillError registry-untrusted, registry-protocol (no URL)
 */
export function trustedRealm(registry: string, realm: string, addresses: Addresses, configured: RealmTable): URL {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new WaybillError('registry-protocol', {
      what: `The registry ${registry} names no token service that could be asked`,
      remedy: 'Report this to whoever runs the registry',
    });
  }
  const listed = [...(ownEntry(KNOWN_REALMS, registry) ?? []), ...(ownEntry(configured, registry) ?? [])];
  const bothPlain = addresses.plainHttpAllowed(addresses.apiBase(registry)) && addresses.plainHttpAllowed(url);
  const known = url.hostname === hostnameOf(registry) || listed.includes(url.hostname) || listed.includes(url.host);
  if (url.username === '' && url.password === '' && (bothPlain || (url.protocol === 'https:' && known))) return url;
  throw new WaybillError('registry-untrusted', {
    what: `The registry ${registry} asks for its credentials at ${url.protocol}//${url.host}, which is not known to be its token service; nothing was sent there`,
    remedy: `Add ${url.host} to the realms of ${registry} if that service is really its own`,
  });
}

function ownEntry(table: RealmTable, key: string): readonly string[] | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
