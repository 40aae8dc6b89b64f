/** Of Stages, Warehouses and subscriptions: what Kubernetes calls a DNS label. */
const NAME_PATTERN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const MAX_NAME_LENGTH = 63;

/** Names that YAML or a record of JavaScript would take for something else. */
const RESERVED: ReadonlySet<string> = new Set(['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'constructor']);

/** Why a text is no name, or undefined when it is one. */
export function nameProblem(text: string): string | undefined {
  if (text.length > MAX_NAME_LENGTH) return `it is longer than ${MAX_NAME_LENGTH} characters`;
  if (!NAME_PATTERN.test(text)) return 'names are lower-case letters, digits and inner hyphens';
  if (RESERVED.has(text)) return 'it is a reserved word';
  return undefined;
}

/** The candidate that was probably meant: at most a third of its letters away. */
export function nearestName(text: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = editDistance(text.toLowerCase().slice(0, 100), candidate.toLowerCase());
    if (distance < least && distance <= Math.max(1, Math.floor(candidate.length / 3))) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** `Did you mean x?`, else the candidates by name. */
export function suggestion(text: string, candidates: readonly string[]): string {
  const nearest = nearestName(text, candidates);
  if (nearest !== undefined) return `Did you mean ${nearest}?`;
  if (candidates.length === 0) return 'There is none yet';
  return candidates.length === 1 ? `There is only ${candidates[0]}` : `There are ${candidates.slice(0, 20).join(', ')}`;
}

/** Insertions, deletions, replacements and swaps of neighbours. */
function editDistance(left: string, right: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 0; at < left.length; at++) {
    const next = [at + 1];
    for (let to = 0; to < right.length; to++) {
      const replaced = (row[to] ?? 0) + (left[at] === right[to] ? 0 : 1);
      const isSwap = at > 0 && to > 0 && left[at] === right[to - 1] && left[at - 1] === right[to];
      const swapped = isSwap ? (before[to - 1] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[to + 1] ?? 0) + 1, (next[to] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[right.length] ?? 0;
}
