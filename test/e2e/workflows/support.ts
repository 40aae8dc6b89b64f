import { expect } from '@jest/globals';
import { type Bed, repositoryRoot, runAnnotations, starterWorkflows, type WorkflowRun } from '@waybill/testbed';
import { smallRepository } from '../support.js';

const STARTERS = ['waybill-reconcile', 'waybill-promote', 'waybill-listen'];

/** The small repository with the starters that promote where a user puts them, and further files. */
export function withStarters(extra: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const shipped = starterWorkflows(repositoryRoot());
  const paths = STARTERS.map((name) => `.github/workflows/${name}.yml`);
  return smallRepository({ ...Object.fromEntries(paths.map((path) => [path, shipped[path] ?? ''])), ...extra });
}

/** `waybill-reconcile: push refs/heads/main success` of each run, in order. */
export function told(runs: readonly WorkflowRun[]): readonly string[] {
  return runs.map(({ workflow, event, conclusion, status }) => {
    const name = workflow.path.split('/').at(-1)?.replace('.yml', '');
    return `${name}: ${event.name} ${event.ref} ${conclusion ?? status}`;
  });
}

/** What the runs said on their annotations. */
export function messages(runs: readonly WorkflowRun[]): string {
  return runs
    .flatMap(runAnnotations)
    .map(({ message }) => message)
    .join('\n');
}

/** The runs that what is done starts, and all that follow from them. */
export async function runsOf(bed: Bed, work: () => Promise<unknown>): Promise<readonly WorkflowRun[]> {
  const before = bed.runner.runs.length;
  await work();
  await bed.runner.idle();
  return bed.runner.runs.slice(before);
}

export async function expectAsDescribed(bed: Bed): Promise<void> {
  await bed.github.settled();
  expect([bed.github.unhandled, bed.github.violations]).toEqual([[], []]);
}
