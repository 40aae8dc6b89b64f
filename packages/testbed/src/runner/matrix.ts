import { RunnerError } from './errors.js';
import { coerceToString, type Value } from './expressions.js';

export type MatrixRow = Readonly<Record<string, Value>>;

/** A run may have 256 jobs of a matrix (Actions limits). */
const LIMIT = 256;

/**
 * The combinations of a matrix, in GitHub's order: the vectors' product without `exclude`, then `include`, which adds to
 * the combinations it contradicts none of the original values of, else makes one of its own
 * (workflow syntax, "jobs.<job_id>.strategy.matrix.include"). Throws RunnerError for what is no matrix.
 */
export function expandMatrix(matrix: Value): readonly MatrixRow[] {
  const { include, exclude, ...vectors } = record(matrix, 'matrix');
  let rows: MatrixRow[] = Object.keys(vectors).length === 0 ? [] : [{}];
  for (const [name, values] of Object.entries(vectors)) {
    const list = sequence(values, `matrix.${name}`);
    if (list.length === 0) throw new RunnerError(`Matrix vector '${name}' does not contain any values`);
    rows = rows.flatMap((row) => list.map((value) => ({ ...row, [name]: value })));
  }
  const excluded =
    exclude === undefined ? [] : sequence(exclude, 'matrix.exclude').map((one) => record(one, 'exclude'));
  rows = rows.filter((row) => !excluded.some((one) => contains(row, one)));
  const originals = [...rows];
  const extended = new Map(originals.map((row) => [row, row]));
  const added: MatrixRow[] = [];
  for (const one of include === undefined ? [] : sequence(include, 'matrix.include')) {
    const pairs = record(one, 'include');
    const fitting = originals.filter((row) =>
      Object.entries(pairs).every(([name, value]) => !(name in row) || equal(row[name] ?? null, value)),
    );
    if (fitting.length === 0) added.push(pairs);
    for (const row of fitting) extended.set(row, { ...extended.get(row), ...pairs });
  }
  const all = [...originals.map((row) => extended.get(row) ?? row), ...added];
  if (all.length === 0) throw new RunnerError('The matrix has no combination');
  if (all.length > LIMIT)
    throw new RunnerError(
      `The strategy configuration is generating ${all.length} jobs which exceeds the limit of ${LIMIT}`,
    );
  return all;
}

/** ` (a, b)`, what GitHub puts after the name of a job of a matrix. */
export function matrixSuffix(row: MatrixRow): string {
  const scalars = Object.values(row).filter((value) => value === null || typeof value !== 'object');
  return scalars.length === 0 ? '' : ` (${scalars.map(coerceToString).join(', ')})`;
}

function contains(row: MatrixRow, part: MatrixRow): boolean {
  return Object.entries(part).every(([name, value]) => name in row && equal(row[name] ?? null, value));
}

function equal(a: Value, b: Value): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function record(value: Value, what: string): Record<string, Value> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new RunnerError(`${what}: a mapping was expected`);
  return { ...(value as Record<string, Value>) };
}

function sequence(value: Value, what: string): readonly Value[] {
  if (!Array.isArray(value)) throw new RunnerError(`${what}: a sequence was expected`);
  return value as readonly Value[];
}
