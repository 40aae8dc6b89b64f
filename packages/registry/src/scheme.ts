import { WaybillError } from '@waybill/core';
import type { Addresses } from './address.js';
import { type Challenge, parseChallenges } from './challenge.js';
import { type RealmTable, trustedRealm } from './realm.js';
import type { TransportResponse } from './transport.js';

/** How a registry wants to be asked; learned from its answers. */
export type Scheme =
  | { readonly kind: 'open' }
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly realm: URL; readonly service?: string }
  /** It names a token service that must not be asked. */
  | { readonly kind: 'untrusted'; readonly error: WaybillError };

export interface RealmRules {
  readonly addresses: Addresses;
  readonly realms: RealmTable;
}

/**
 * How a 401 says the registry wants to be asked: Bearer before Basic. Undefined for any other answer, and for one that
 * came from where a redirect led: only the registry itself may say where its credential goes.
 */
export function learnScheme(rules: RealmRules, domain: string, response: TransportResponse): Scheme | undefined {
  if (response.status !== 401 || response.leftOrigin) return undefined;
  const challenge = bearer(response);
  if (challenge === undefined) {
    return challenges(response).some((one) => one.scheme === 'basic') ? { kind: 'basic' } : undefined;
  }
  const service = challenge.parameters.get('service');
  try {
    const realm = trustedRealm(domain, challenge.parameters.get('realm') ?? '', rules.addresses, rules.realms);
    return { kind: 'bearer', realm, ...(service === undefined ? {} : { service }) };
  } catch (error) {
    if (error instanceof WaybillError) return { kind: 'untrusted', error };
    throw error;
  }
}

export function sameScheme(one: Scheme, other: Scheme | undefined): boolean {
  if (one.kind === 'bearer' && other?.kind === 'bearer') {
    return one.realm.href === other.realm.href && one.service === other.service;
  }
  return one.kind === other?.kind;
}

/**
 * The scopes a 401 asks for that a reader of this repository may add to its token: reading this very repository, or a
 * scope that names no repository. A registry does not get a token for another repository, or to write, by asking.
 */
export function scopesToAdd(response: TransportResponse, path: string): readonly string[] {
  const wanted = bearer(response)?.parameters.get('scope')?.split(' ') ?? [];
  return wanted.filter((scope) => {
    if (scope === '' || scope.length > 512) return false;
    const parts = scope.split(':');
    const reads = parts.at(-1) === 'pull';
    return parts[0] === 'repository' ? reads && parts.slice(1, -1).join(':') === path : reads || parts.length === 1;
  });
}

function challenges(response: TransportResponse): readonly Challenge[] {
  return parseChallenges(response.headers.get('www-authenticate') ?? '');
}

function bearer(response: TransportResponse): Challenge | undefined {
  return challenges(response).find((one) => one.scheme === 'bearer');
}
