import { splicesOf } from '../policy/compose.js';
import { type Finding, type MendedFile, scopeOf } from '../policy/index.js';
import { applyEdits, type Edit, verifyEdit } from '../yaml/index.js';
import type { SourceOf } from './source-text.js';

/**
 * What the repairs beside the findings make of their files, by path: the first round of `fixTree`, from the findings
 * alone. Where two repairs touch, the more severe finding's is made (the earlier one's among equals). A repair is made
 * whole or not at all. Of files without a source nothing is mended, and after `limit` files no more.
 */
export function mendedFiles(
  findings: readonly Finding[],
  sourceOf: SourceOf,
  limit = Number.POSITIVE_INFINITY,
): readonly MendedFile[] {
  const byPath = Map.groupBy(
    findings.filter(({ edits }) => edits !== undefined),
    ({ path }) => path,
  );
  return [...byPath]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .slice(0, limit)
    .flatMap(([path, inFile]) => {
      const before = sourceOf(path);
      if (before === undefined) return [];
      const edits = chosenEdits(inFile);
      const after = applyEdits(before, edits);
      if (after === before || (scopeOf(path) !== 'dockerfile' && verifyEdit(before, after, edits) !== undefined))
        return [];
      return [{ path, before, after, splices: splicesOf(edits) }];
    });
}

const ORDER = { error: 0, warning: 1, note: 2 } as const;

/** Edits without overlaps. */
function chosenEdits(findings: readonly Finding[]): readonly Edit[] {
  const chosen: Edit[] = [];
  for (const { edits = [] } of findings.toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity])) {
    const fresh = edits.filter((edit) => !chosen.some((one) => isSame(one, edit)));
    if (fresh.every((edit) => !chosen.some((one) => touch(one, edit)))) chosen.push(...fresh);
  }
  return chosen;
}

function isSame(left: Edit, right: Edit): boolean {
  return left.range[0] === right.range[0] && left.range[1] === right.range[1] && left.newText === right.newText;
}

function touch(left: Edit, right: Edit): boolean {
  return left.range[0] <= right.range[1] && right.range[0] <= left.range[1];
}
