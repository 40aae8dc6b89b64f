/** Of Stages, Warehouses and subscriptions: what Kubernetes calls a DNS label. */
export const NAME_PATTERN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
export const MAX_NAME_LENGTH = 63;

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

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [index, character] of [...left].entries()) {
    const next = [index + 1];
    for (let at = 0; at < right.length; at++) {
      const replaced = (row[at] ?? 0) + (character === right[at] ? 0 : 1);
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
