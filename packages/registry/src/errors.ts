import { type ErrorCode, type ImageReference, type Resolution, WaybillError } from '@waybill/core';
import type { CredentialOrigin } from './credentials.js';
import { isObject, parseJsonObject } from './json.js';
import { isRetryableStatus } from './retry.js';

/** What of an answer an error is made from. */
export interface RefusedAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  readonly url: URL;
  readonly leftOrigin: boolean;
  readonly asked: CredentialOrigin | 'anonymous';
}

export interface ImageName {
  readonly domain: string;
  readonly path: string;
  /** As errors should name it: a whole reference, or a repository. */
  readonly text: string;
}

const GITHUB_REGISTRY = 'ghcr.io';
const REPORT = 'Report this to whoever runs the registry';

/** The code of a WaybillError, else undefined. */
export function codeOf(error: unknown): ErrorCode | undefined {
  return error instanceof WaybillError ? error.code : undefined;
}

/** Foreign text, fit for one line of an error: printable, and at most 200 characters of it. */
export function plainText(text: string): string {
  const flat = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return flat.length > 200 ? `${flat.slice(0, 200)}…` : flat;
}

/** The error codes of an OCI error body (distribution-spec "Error Codes"); empty when it is none. */
export function registryErrorCodes(body: Uint8Array): readonly string[] {
  return registryErrors(body).map((error) => (typeof error.code === 'string' ? error.code : ''));
}

/** What an OCI error body says, as one line; empty when it is none. */
export function registryMessage(body: Uint8Array): string {
  const texts = registryErrors(body).map((error) => [error.code, error.message].filter(isText).join(' '));
  return plainText(texts.join('; '));
}

function registryErrors(body: Uint8Array): readonly Readonly<Record<string, unknown>>[] {
  const errors = body.byteLength === 0 ? undefined : parseJsonObject(body)?.errors;
  return Array.isArray(errors) ? errors.slice(0, 5).filter(isObject) : [];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** No answer came. A certificate that is not trusted is `registry-untrusted`, everything else `registry-unavailable`. */
export function unavailable(registry: string, url: URL, cause: unknown): WaybillError {
  const reason = reasonOf(cause);
  const what = `${url.host} could not be reached for the registry ${registry}: ${plainText(reason)}`;
  if (/CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|ALTNAME/.test(reason)) {
    const remedy = 'Check its certificate; an authority of your own goes into NODE_EXTRA_CA_CERTS';
    return new WaybillError('registry-untrusted', { what, remedy, cause });
  }
  const remedy = /SSL|EPROTO/.test(reason)
    ? 'If the registry speaks plain HTTP, name it among the insecure registries'
    : 'Check the name, the network and HTTPS_PROXY, and run again';
  return new WaybillError('registry-unavailable', { what, remedy, cause });
}

/** The most telling code or name along an error's causes: `ECONNREFUSED`, `ENOTFOUND`, `TimeoutError`. */
function reasonOf(error: unknown): string {
  let found = 'no answer';
  for (let at: unknown = error, depth = 0; isObject(at) && depth < 5; at = at.cause, depth += 1) {
    if (at.name === 'TimeoutError') return 'it did not answer in time';
    if (isText(at.code)) return at.code;
    if (isText(at.message)) found = at.message;
  }
  return found;
}

/**
 * The error for an answer that is neither what was asked for nor a plain "no such tag": 401 and 403 are
 * `registry-denied`, 404 `registry-not-found`, 408, 429 and 5xx `registry-unavailable`, the rest `registry-protocol`.
 * GHCR answers alike for a package that is missing and one that must not be read, so there 404 is `registry-denied` too.
 */
export function answerError(image: ImageName, answer: RefusedAnswer): WaybillError {
  const { status } = answer;
  const where = { image: image.text };
  const said = registryMessage(answer.body);
  const quote = said === '' ? '' : `, "${said}"`;
  if (answer.leftOrigin) {
    const what = `${image.domain} redirects to ${answer.url.host}, which answered ${status}`;
    return new WaybillError(isRetryableStatus(status) ? 'registry-unavailable' : 'registry-protocol', {
      what,
      where,
      remedy: REPORT,
    });
  }
  if (status === 401 || status === 403) return deniedError(image, answer.asked, `answered ${status}${quote}`);
  if (status === 404) {
    if (image.domain === GITHUB_REGISTRY) return deniedError(image, answer.asked, `answered 404${quote}`);
    const what = `${image.domain} has no repository ${image.path}, or does not show it${quote}`;
    return new WaybillError('registry-not-found', {
      what,
      where,
      remedy: 'Check the name, and that an image was pushed there',
    });
  }
  const what = `${image.domain} answered ${status}${quote}`;
  if (isRetryableStatus(status)) {
    const remedy =
      status === 429 ? 'Run again later, or log in for a higher rate limit' : 'Run again when the registry is back';
    return new WaybillError('registry-unavailable', { what, where, remedy });
  }
  return new WaybillError('registry-protocol', { what, where, remedy: 'Check that the address is that of a registry' });
}

/** The package cannot be read with what was shown. On ghcr.io it says what to click. */
export function deniedError(image: ImageName, asked: RefusedAnswer['asked'], answered: string): WaybillError {
  const where = { image: image.text };
  if (image.domain !== GITHUB_REGISTRY) {
    const what = `${image.domain} lets ${NAMES[asked]} not read ${image.path} (${answered})`;
    return new WaybillError('registry-denied', { what, where, remedy: DENIED_REMEDY[asked] });
  }
  const what = `The package ${image.path} is missing or not accessible to ${NAMES[asked]} (${answered})`;
  return new WaybillError('registry-denied', { what, where, remedy: githubRemedy(image.path) });
}

const NAMES: Readonly<Record<RefusedAnswer['asked'], string>> = {
  anonymous: 'an anonymous reader',
  input: 'the registry-token given',
  'docker-config': "docker login's credential",
  'github-token': 'GITHUB_TOKEN',
};

const DENIED_REMEDY: Readonly<Record<RefusedAnswer['asked'], string>> = {
  anonymous: 'Give registry-username and registry-token, or run docker login for this registry first',
  input: 'Check that registry-username and registry-token are right and may read the repository',
  'docker-config': 'Check that the account of docker login may read the repository',
  'github-token': 'Give registry-username and registry-token',
};

/** https://docs.github.com/packages/learn-github-packages/configuring-a-packages-access-control-and-visibility */
function githubRemedy(path: string): string {
  return `Give the job "packages: read" and link the package to this repository: open ${githubPackageSettings(path)}, then "Manage Actions access", "Add Repository", role Read`;
}

/** The settings page of an organisation's container package. */
function githubPackageSettings(path: string): string {
  const [owner = '', ...rest] = path.split('/');
  const name = encodeURIComponent(rest.join('/'));
  return `https://github.com/orgs/${encodeURIComponent(owner)}/packages/container/${name}/settings (for a personal account /users/ in place of /orgs/)`;
}

/** There is no such tag or digest in a repository that can be read. */
export function absentError(reference: ImageReference): WaybillError {
  const wanted = reference.digest === undefined ? `tag ${reference.tag ?? 'latest'}` : `manifest ${reference.digest}`;
  return new WaybillError('registry-not-found', {
    what: `${reference.repository} has no ${wanted}`,
    where: { image: reference.text },
    remedy: 'Check the tag, and that the build which pushes it has finished',
  });
}

/**
 * One error for everything that could not be resolved, listing each image with its reason, and each remedy once;
 * undefined when all were resolved. Its code is the failures' own if they agree, else the first's.
 */
export function explainUnreadable(resolutions: readonly Resolution[]): WaybillError | undefined {
  const failures = resolutions.flatMap((resolution) => {
    if (resolution.kind === 'resolved') return [];
    const error = resolution.kind === 'failed' ? resolution.error : absentError(resolution.reference);
    return [{ text: resolution.reference.text, error }];
  });
  const first = failures[0];
  if (first === undefined) return undefined;
  if (failures.length === 1) return first.error;
  const lines = failures.map(({ text, error }) => `\n- ${plainText(text)}: ${error.what}`);
  const remedies = new Set(failures.map(({ error }) => `\n- ${error.remedy}`));
  return new WaybillError(first.error.code, {
    what: `${failures.length} of ${resolutions.length} images cannot be read:${lines.join('')}`,
    remedy: `\nWhat to do:${[...remedies].join('')}`,
    cause: failures.map(({ error }) => error),
  });
}
