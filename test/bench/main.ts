import { findTool } from '@waybill/testbed';
import { edit } from './edit.js';
import { idle } from './idle.js';
import { ledger } from './ledger.js';
import { planning } from './plan.js';
import { policy } from './policy.js';
import { printTable } from './print.js';
import { promotion } from './promotion.js';
import { resolve } from './resolve.js';
import { type Benchmark, notMeasured, type Row } from './row.js';
import { startUp } from './start-up.js';

const BENCHMARKS: readonly Benchmark[] = [resolve, edit, promotion, idle, ledger, startUp, planning, ...policy];

/** `--json` prints the rows as JSON; names of rows (or their beginnings) measure just those. */
async function main(args: readonly string[]): Promise<void> {
  const isJson = args.includes('--json');
  const names = args.filter((argument) => !argument.startsWith('-'));
  const rows: Row[] = [];
  for (const benchmark of BENCHMARKS) {
    const isAsked = benchmark.targets.some(({ row }) => names.some((name) => row.startsWith(name)));
    if (names.length > 0 && !isAsked) continue;
    process.stderr.write(`measuring ${benchmark.targets.map(({ row }) => row).join(', ')}\n`);
    const measured = await measure(benchmark);
    for (const { row, note } of measured) process.stderr.write(`  ${row}: ${note}\n`);
    rows.push(...measured);
  }
  process.stdout.write(isJson ? `${JSON.stringify(rows, null, 2)}\n` : `\n${printTable(rows)}\n`);
}

/** A row that fails is short, and says why; the others are measured all the same. */
async function measure(benchmark: Benchmark): Promise<readonly Row[]> {
  const missing = benchmark.needs.filter((tool) => findTool(tool) === undefined);
  if (missing.length > 0)
    return benchmark.targets.map((target) => notMeasured(target, `not run: ${missing.join(', ')} absent`));
  try {
    return await benchmark.measure();
  } catch (error) {
    const [why = ''] = String(error).split('\n');
    return benchmark.targets.map((target) => notMeasured(target, `failed: ${why}`));
  }
}

await main(process.argv.slice(2));
