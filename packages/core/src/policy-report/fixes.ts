import type { Finding } from '../policy/index.js';
import { applyEdits, type Edit } from '../yaml/index.js';
import type { SourceOf } from './source-text.js';

/** A file and what the repairs of its findings make of it. */
export interface FixedFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly edits: readonly Edit[];
}

/**
 * The files that repairs change, by path. Where two repairs claim the same bytes for different values, the more severe
 * finding's holds (the earlier one's among equals) and the other waits for the next run; a repair is applied whole or not at all.
 */
export function fixedFiles(findings: readonly Finding[], sourceOf: SourceOf): readonly FixedFile[] {
  const byPath = Map.groupBy(findings, ({ path }) => path);
  return [...byPath]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([path, inFile]) => {
      const edits = chosenEdits(inFile);
      const before = edits.length === 0 ? undefined : sourceOf(path);
      if (before === undefined) return [];
      const after = applyEdits(before, edits);
      return after === before ? [] : [{ path, before, after, edits }];
    });
}

const ORDER = { error: 0, warning: 1, note: 2 } as const;

/** Edits without overlaps, in the order of the file. */
function chosenEdits(findings: readonly Finding[]): readonly Edit[] {
  const chosen: Edit[] = [];
  for (const { edits } of findings.toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity])) {
    if (edits === undefined) continue;
    const fresh = edits.filter((edit) => !chosen.some((one) => isSame(one, edit)));
    if (fresh.every((edit) => !chosen.some((one) => collide(one, edit)))) chosen.push(...fresh);
  }
  return chosen.sort((a, b) => a.range[0] - b.range[0] || a.range[1] - b.range[1]);
}

function isSame(left: Edit, right: Edit): boolean {
  return left.range[0] === right.range[0] && left.range[1] === right.range[1] && left.newText === right.newText;
}

/** Two insertions at one offset collide: which comes first would be chance. */
function collide(left: Edit, right: Edit): boolean {
  if (left.range[0] === right.range[0]) return true;
  return left.range[0] < right.range[1] && right.range[0] < left.range[1];
}
