import type { Row } from './row.js';
import { rounded } from './samples.js';

const COLUMNS = ['row', 'measured', 'target', 'unit', 'verdict'] as const;

/** One line a row; the last column is the verdict and nothing else. */
export function printTable(rows: readonly Row[]): string {
  const lines = [COLUMNS, ...rows.map((row) => [row.row, measuredText(row), row.target, row.unit, row.verdict])];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function measuredText({ measured, note }: Row): string {
  return measured === null ? note : rounded(measured);
}
