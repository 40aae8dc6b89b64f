import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export type Fields = Readonly<Record<string, unknown>>;

/** A workflow or a composite action as it stands in the repository. */
export interface SourceFile {
  /** From the repository's root. */
  readonly path: string;
  readonly name: string;
  readonly text: string;
  readonly content: Fields;
}

export interface Job {
  readonly file: string;
  readonly id: string;
  readonly content: Fields;
  readonly steps: readonly Step[];
}

export interface Step {
  /** `file: job: id or name`, for messages. */
  readonly at: string;
  readonly content: Fields;
  readonly uses: string | undefined;
  readonly run: string | undefined;
}

const inPlace = workflowsIn('.github/workflows');
/** What we ship for users to call. */
export const reusable = inPlace.filter(({ content }) => Object.hasOwn(fields(content.on), 'workflow_call'));
/** Our own. */
export const own = inPlace.filter((file) => !reusable.includes(file));
/** What users copy. */
export const starters = workflowsIn('.github/workflow-templates');
export const workflows: readonly SourceFile[] = [...reusable, ...own, ...starters];
export const composites: readonly SourceFile[] = [readSource('actions/notify/action.yml')];

/** One of the files above by its name. */
export function fileNamed(files: readonly SourceFile[], name: string): SourceFile {
  const found = files.find((file) => file.name === name);
  if (found === undefined) throw new Error(`There is no ${name}`);
  return found;
}

export function jobsOf(file: SourceFile): readonly Job[] {
  return Object.entries(fields(file.content.jobs)).map(([id, job]) => {
    const content = fields(job);
    return { file: file.path, id, content, steps: stepsOf(content.steps, `${file.path}: ${id}`) };
  });
}

/** Every step of every job, or of a composite action. */
export function allSteps(file: SourceFile): readonly Step[] {
  const { runs } = file.content;
  return runs === undefined ? jobsOf(file).flatMap(({ steps }) => steps) : stepsOf(fields(runs).steps, file.path);
}

/** Every `uses` of a job or step. */
export function allUses(file: SourceFile): readonly string[] {
  const calls = jobsOf(file).flatMap(({ content }) => (typeof content.uses === 'string' ? [content.uses] : []));
  return [...calls, ...allSteps(file).flatMap(({ uses }) => (uses === undefined ? [] : [uses]))];
}

/** A mapping's entries; nothing for what is none. */
export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, name: basename(path), text, content: fields(parse(text)) };
}

function workflowsIn(folder: string): readonly SourceFile[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.yml'))
    .sort()
    .map((name) => readSource(`${folder}/${name}`));
}

function stepsOf(steps: unknown, at: string): readonly Step[] {
  if (!Array.isArray(steps)) return [];
  return steps.map((step: unknown, index) => {
    const content = fields(step);
    return {
      at: `${at}: ${String(content.id ?? content.name ?? index)}`,
      content,
      uses: typeof content.uses === 'string' ? content.uses : undefined,
      run: typeof content.run === 'string' ? content.run : undefined,
    };
  });
}
