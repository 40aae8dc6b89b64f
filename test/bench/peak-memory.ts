import { writeFileSync } from 'node:fs';

// Loaded before a program that is measured: leaves behind the most memory that it had, in bytes (Node counts in KiB).
process.on('exit', () => {
  writeFileSync(process.env.WAYBILL_BENCH_PEAK ?? '', String(process.resourceUsage().maxRSS * 1024));
});
