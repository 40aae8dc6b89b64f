import { visibleLines } from '@waybill/core';
import type { AnnotationKind, AnnotationPlace, Commands } from './commands.js';

export interface Annotation {
  readonly kind: AnnotationKind;
  readonly message: string;
  readonly place: AnnotationPlace;
  /** Within a kind the heavier is shown first; 0 unless given. */
  readonly weight: number;
}

/** What the reader of a run or a diff sees beside it. Shown at the end of the run, because only then the worst are known. */
export interface Annotations {
  add(kind: AnnotationKind, message: string, place?: AnnotationPlace, weight?: number): void;
}

/**
 * The runner keeps ten of each kind a step and drops the rest without a word.
 * https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations
 */
const LIMIT = 10;

const KINDS: readonly AnnotationKind[] = ['error', 'warning', 'notice'];

/**
 * What is shown of what was collected: errors first, the heaviest of each kind first, equal ones once, ten of a kind.
 * The last of a kind says how many more there are.
 */
export function selectAnnotations(collected: readonly Annotation[]): readonly Annotation[] {
  return KINDS.flatMap((kind) => {
    const distinct = new Map<string, Annotation>();
    for (const annotation of collected.filter((one) => one.kind === kind)) {
      const key = JSON.stringify([annotation.message, annotation.place]);
      const known = distinct.get(key);
      if (known === undefined || known.weight < annotation.weight) {
        distinct.set(key, annotation);
      }
    }
    const sorted = [...distinct.values()].sort((a, b) => b.weight - a.weight);
    const shown = sorted.slice(0, LIMIT);
    const last = shown.at(-1);
    const more = sorted.length - shown.length;
    return last === undefined || more === 0
      ? shown
      : [
          ...shown.slice(0, -1),
          {
            ...last,
            message: `${last.message}\n(${LIMIT} of ${sorted.length} ${kind}s are shown, ${more} more are in the log and the job summary.)`,
          },
        ];
  });
}

/** Collects annotations; `flush` writes the selection and forgets it. */
export function createAnnotations(
  commands: Commands,
  redact: (text: string) => string,
): Annotations & { flush(): void } {
  let collected: Annotation[] = [];
  return {
    add: (kind, message, place = {}, weight = 0) => {
      collected.push({ kind, message, place, weight });
    },
    flush: () => {
      for (const { kind, message, place } of selectAnnotations(collected)) {
        commands.annotate(kind, visibleLines(redact(message)), place);
      }
      collected = [];
    },
  };
}
