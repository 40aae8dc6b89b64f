import { lookup as dnsLookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { WaybillError } from '@waybill/core';

export interface AddressRules {
  /** `host` or `host:port` that may be spoken to without TLS, and at a private address. */
  readonly insecureHosts: readonly string[];
  /** `host` or `host:port` that may resolve to a private address (a registry inside the company's network). */
  readonly privateHosts: readonly string[];
  /** Whether a request goes through a proxy: then the proxy resolves the name, and looking it up here says nothing. */
  readonly proxied: (url: URL) => boolean;
  /** All addresses of a name. */
  readonly lookup: (hostname: string) => Promise<readonly string[]>;
}

export interface Addresses {
  /** Where a registry's API is: `https://registry-1.docker.io/` for docker.io, plain HTTP where that is allowed. */
  apiBase(domain: string): URL;
  plainHttpAllowed(url: URL): boolean;
  /**
   * Passes if a request may go to `url` on behalf of the registry that a reference names.
   * @throws WaybillError registry-untrusted; what `lookup` throws, when the name cannot be resolved
   */
  check(url: URL, registry: string): Promise<void>;
}

/** Docker Hub's API is not at the host its references name. */
const DOCKER_HUB = 'docker.io';
const DOCKER_HUB_API = 'registry-1.docker.io';

/** Special-purpose ranges (RFC 6890, 6598, 4193): nothing public answers there. */
const SPECIAL_IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const SPECIAL_IPV6: readonly (readonly [string, number])[] = [
  ['::', 128],
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

function specialRanges(): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of SPECIAL_IPV4) {
    list.addSubnet(address, prefix, 'ipv4');
    // The same ranges written as IPv4-mapped, IPv4-compatible and NAT64 addresses.
    for (const lead of ['::ffff:', '::', '64:ff9b::']) list.addSubnet(`${lead}${address}`, 96 + prefix, 'ipv6');
  }
  for (const [address, prefix] of SPECIAL_IPV6) list.addSubnet(address, prefix, 'ipv6');
  return list;
}

const SPECIAL = specialRanges();

/** Whether an IP address is loopback, link-local, private or otherwise not public. Not an address: true. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  return SPECIAL.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** `localhost`, 127.0.0.0/8 or ::1, as a URL's host writes them. A name that merely resolves there is not meant. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  if (bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}

/** All addresses of a name, from the system's resolver. */
export async function systemLookup(hostname: string): Promise<readonly string[]> {
  return (await dnsLookup(hostname, { all: true })).map((found) => found.address);
}

/** The host of a reference's domain, without the port. */
export function hostnameOf(domain: string): string {
  return parseDomain(domain).hostname;
}

function parseDomain(domain: string): URL {
  const text = `https://${domain}/`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '' || url.pathname !== '/' || url.search !== '') {
    throw new WaybillError('reference-invalid', {
      what: `"${domain}" is not a registry host`,
      remedy: 'Write the image as host[:port]/path[:tag]',
    });
  }
  return url;
}

/**
 * Decides where requests may go. Plain HTTP is for loopback and for hosts named insecure. Loopback is for registries
 * that the reference itself puts there. Any other private, link-local or loopback address is refused after DNS
 * resolution unless the host is configured, so that a hostile registry's realm, redirect or name cannot reach into
 * the runner's network. The name is resolved here once, and again by `fetch` when it connects. A name server that
 * answers differently the second time is not caught here: TLS then asks that address for the name's certificate.
 */
export function createAddresses(rules: AddressRules): Addresses {
  const verdicts = new Map<string, Promise<string | undefined>>();
  /** `registry origin` that passed: what they passed by does not change. */
  const passed = new Set<string>();
  const named = (hosts: readonly string[], url: URL): boolean =>
    hosts.includes(url.host) ||
    hosts.includes(url.hostname) ||
    hosts.includes(`${url.hostname}:${url.port || (url.protocol === 'http:' ? '80' : '443')}`);
  const plainHttpAllowed = (url: URL): boolean => isLoopback(url.hostname) || named(rules.insecureHosts, url);

  /** The first private address that a name has. */
  const privateAddressOf = (hostname: string): Promise<string | undefined> => {
    const known = verdicts.get(hostname);
    if (known !== undefined) return known;
    const verdict = rules.lookup(hostname).then((addresses) => addresses.find(isPrivateAddress));
    verdicts.set(hostname, verdict);
    // A failed look-up is tried again, with the request that needs it.
    verdict.catch(() => verdicts.delete(hostname));
    return verdict;
  };

  const checkHost = async (url: URL, registry: string): Promise<void> => {
    if (named(rules.insecureHosts, url) || named(rules.privateHosts, url)) return;
    const remedy = 'Name the host among the registries allowed at private addresses if that is meant';
    const loopback = isLoopback(url.hostname);
    if (loopback && isLoopback(hostnameOf(registry))) return;
    const literal = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
    if (loopback || isIP(literal) !== 0) {
      if (isPrivateAddress(literal)) throw refused(url, registry, 'that address is private', remedy);
      return;
    }
    if (rules.proxied(url)) return;
    const found = await privateAddressOf(url.hostname);
    if (found !== undefined) throw refused(url, registry, `it resolves to the private address ${found}`, remedy);
  };

  return {
    apiBase(domain) {
      const host = domain === DOCKER_HUB ? DOCKER_HUB_API : domain;
      const url = parseDomain(host);
      return plainHttpAllowed(url) ? new URL(`http://${host}/`) : url;
    },
    plainHttpAllowed,
    async check(url, registry) {
      if (url.protocol !== 'https:' && !(url.protocol === 'http:' && plainHttpAllowed(url))) {
        throw refused(url, registry, 'it is not HTTPS', 'Name the host among the insecure registries if that is meant');
      }
      if (url.username !== '' || url.password !== '') {
        throw refused(url, registry, 'the address carries a user name', 'Report this to whoever runs the registry');
      }
      const key = `${registry} ${url.origin}`;
      if (passed.has(key)) return;
      await checkHost(url, registry);
      passed.add(key);
    },
  };
}

function refused(url: URL, registry: string, why: string, remedy: string): WaybillError {
  return new WaybillError('registry-untrusted', {
    what: `The registry ${registry} leads to ${url.protocol}//${url.host}, and ${why}`,
    remedy,
  });
}
