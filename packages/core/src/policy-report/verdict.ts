import type { PolicyReport, Severity } from '../policy/index.js';

/** How many findings of each severity. */
export function countSeverities(report: Pick<PolicyReport, 'findings'>): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, note: 0 };
  for (const { severity } of report.findings) counts[severity] += 1;
  return counts;
}

/** `2 errors, 1 warning - 418 references in 4,069 files checked in 0.4 s (638 parsed, 0 not checked)`. */
export function verdictLine(report: PolicyReport, milliseconds: number): string {
  const { error, warning, note } = countSeverities(report);
  const { references, files, parsed } = report.counts;
  const found = [counted(error, 'error'), counted(warning, 'warning'), counted(note, 'note')].filter(
    (part) => !part.startsWith('0 '),
  );
  const seconds = (milliseconds / 1000).toFixed(1);
  const looked = `${counted(references, 'reference')} in ${counted(files, 'file')} checked in ${seconds} s`;
  const notChecked = grouped(report.notChecked.length);
  return `${found.length === 0 ? 'no findings' : found.join(', ')} - ${looked} (${grouped(parsed)} parsed, ${notChecked} not checked)`;
}

export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
