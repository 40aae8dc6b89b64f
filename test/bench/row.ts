/** `ok`: the measurement is within its target. `short`: it is not, or it could not be taken. */
export type Verdict = 'ok' | 'short';

/** One line of the bench. All numbers come from this run; targets are those of the design. */
export interface Row {
  readonly row: string;
  /** Null when it could not be measured: the note says why. */
  readonly measured: number | null;
  /** `≥ 70`, `≤ 1.2`. */
  readonly target: string;
  /** `×` for a ratio, else what was counted. */
  readonly unit: string;
  readonly verdict: Verdict;
  /** How it was measured, and the numbers behind the ratio. */
  readonly note: string;
}

/** What a row is measured against. */
export interface Target {
  readonly row: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly unit: string;
}

/** Measures one subject of the bench; several rows may come of it. */
export interface Benchmark {
  readonly targets: readonly Target[];
  /** Programs it can't do without. */
  readonly needs: readonly string[];
  measure(): Promise<readonly Row[]>;
}

export function judged(target: Target, measured: number, note: string): Row {
  const isEnough = target.atLeast === undefined || measured >= target.atLeast;
  const isLittle = target.atMost === undefined || measured <= target.atMost;
  return { ...described(target), measured, verdict: isEnough && isLittle ? 'ok' : 'short', note };
}

/** What could not be measured is short of its target, for nobody knows. */
export function notMeasured(target: Target, note: string): Row {
  return { ...described(target), measured: null, verdict: 'short', note };
}

function described({ row, atLeast, atMost, unit }: Target): Pick<Row, 'row' | 'target' | 'unit'> {
  return { row, target: atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`, unit };
}
