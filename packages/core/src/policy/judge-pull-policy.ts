import type { PullPolicySite } from '../yaml/index.js';
import { UNRESOLVED } from '../yaml/keys.js';
import { type FindingDraft, regionOf } from './draft.js';
import { write } from './repairs.js';

const RIGHT = 'IfNotPresent';

/** Rule 3: what a pull policy that is written must be. */
export function judgePullPolicy(path: string, site: PullPolicySite): FindingDraft | undefined {
  const { piece, keyPath, document } = site;
  if (piece.value === RIGHT || textIsNull(site) || UNRESOLVED.test(piece.value)) return undefined;
  const rule = isPrimitive(site) ? 'primitive-pull-policy' : 'pull-policy';
  const reason =
    piece.value === 'Always' || piece.value === 'Never'
      ? `${piece.value} makes what runs depend on something else than the commit`
      : `${JSON.stringify(piece.value)} is no pull policy of Kubernetes`;
  return {
    rule,
    path,
    document,
    keyPath,
    region: regionOf(piece),
    current: piece.value,
    expected: RIGHT,
    reason,
    repair: write({ path, keyPath, editable: { ok: true } }, piece, RIGHT),
  };
}

function textIsNull({ piece }: PullPolicySite): boolean {
  return piece.nonString && /^(?:~|null|Null|NULL)$/.test(piece.value);
}

/** API groups whose objects hold pod templates of their own. */
const WORKLOADS = /^(?:v1|apps\/|batch\/|extensions\/)/;

/** A policy that an operator is to apply: directly below `spec` of a custom resource (seed 002, Rule 5). */
function isPrimitive({ object, fieldPath }: PullPolicySite): boolean {
  if (object === undefined || WORKLOADS.test(object.apiVersion)) return false;
  return /^spec\.(?:image\.)?[A-Za-z]*[pP]ullPolicy$/.test(fieldPath);
}
