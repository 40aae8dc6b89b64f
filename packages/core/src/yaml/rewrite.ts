import { applyEdits, type Edit } from './edit.js';
import { type ImageEdit, planEdits, wantedOf } from './edit-plan.js';
import type { Refusal } from './refusal.js';
import { scanText } from './scan.js';
import type { FileScan, ReferenceSite } from './site.js';
import { verifyEdit } from './verify.js';

export type Rewrite =
  | { readonly ok: true; readonly text: string; readonly edits: readonly Edit[] }
  | { readonly ok: false; readonly refusals: readonly [Refusal, ...Refusal[]] };

/**
 * Gives every reference of a file to the images asked for their digests, byte-exactly, and checks the result by scanning it
 * again. No edits and the same text when nothing is to change; every refusal when anything can't be edited safely.
 * @throws WaybillError reference-invalid: for a request that is no repository and digest
 */
export function rewriteImages(
  file: { readonly path: string; readonly text: string },
  images: ImageEdit | readonly ImageEdit[],
  scan: FileScan = scanText(file),
): Rewrite {
  const plan = planEdits(scan, images);
  if (!plan.ok) return plan;
  if (plan.edits.length === 0) return { ok: true, text: file.text, edits: [] };
  const text = applyEdits(file.text, plan.edits);
  const refusal =
    verifyEdit(file.text, text, plan.edits) ?? verifySites(scan, { ...file, text }, plan.edits, [images].flat());
  if (refusal !== undefined) return { ok: false, refusals: [refusal] };
  return { ok: true, text, edits: plan.edits };
}

/** Afterwards the same sites stand there, those of the images have their digests, and no other changed. */
function verifySites(
  before: FileScan,
  file: { readonly path: string; readonly text: string },
  edits: readonly Edit[],
  images: readonly ImageEdit[],
): Refusal | undefined {
  const after = scanText(file);
  const wanted = new Map(images.map(wantedOf).map(({ repository, digest }) => [repository, digest]));
  const [first] = edits;
  const sameCount = before.references.length === after.references.length;
  const changed = before.references.find((site, index) => {
    const now = after.references[index];
    if (now === undefined || now.keyPath !== site.keyPath || now.repository !== site.repository) return true;
    const digest = wanted.get(now.repository ?? '');
    return digest === undefined ? identityOf(site) !== identityOf(now) : now.digest !== digest;
  });
  if (sameCount && changed === undefined) return undefined;
  return {
    path: file.path,
    line: changed?.line ?? first?.line ?? 1,
    column: changed?.column ?? 1,
    keyPath: changed?.keyPath ?? first?.keyPath ?? '',
    code: 'verification-failed',
    why: 'after the edit, other images stand in the file than were meant',
    remedy: 'Write the value by hand, and report the file as a defect',
  };
}

function identityOf(site: ReferenceSite): string {
  return JSON.stringify([site.repository, site.tag, site.digest]);
}
