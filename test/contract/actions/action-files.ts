import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** An action.yml, as far as the contract speaks of it. */
export interface ActionFile {
  /** The folder's name under actions/. */
  readonly folder: string;
  readonly path: string;
  readonly description: string;
  readonly inputs: Readonly<Record<string, ActionFileInput>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
  readonly using: string;
  readonly main: string | undefined;
  readonly branding: unknown;
}

export interface ActionFileInput {
  readonly description: string;
  readonly required: boolean;
  readonly default?: string;
}

/** Every folder under actions/ that has an action.yml, by name. */
export function readActionFiles(): readonly ActionFile[] {
  const parent = join(ROOT, 'actions');
  return readdirSync(parent)
    .filter((folder) => existsSync(join(parent, folder, 'action.yml')))
    .sort()
    .map((folder) => readActionFile(folder, join(parent, folder, 'action.yml')));
}

/** A composite action has no code of ours, so that only its words and tables are held to the contract. */
export function isComposite(action: ActionFile): boolean {
  return action.using === 'composite';
}

/** Where `runs.main` leads; it may lead out of the action's folder. */
export function mainPath(action: ActionFile): string {
  return join(dirname(action.path), action.main ?? '');
}

/** Descriptions may be folded differently in YAML and in code. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

function readActionFile(folder: string, path: string): ActionFile {
  const source = record(parse(readFileSync(path, 'utf8')));
  const runs = record(source.runs);
  return {
    folder,
    path,
    description: oneLine(String(source.description ?? '')),
    inputs: mapRecord(source.inputs, (input) => ({
      description: oneLine(String(input.description ?? '')),
      required: input.required === true,
      ...(input.default === undefined ? {} : { default: String(input.default) }),
    })),
    outputs: mapRecord(source.outputs, (output) => ({ description: oneLine(String(output.description ?? '')) })),
    using: String(runs.using ?? ''),
    main: typeof runs.main === 'string' ? runs.main : undefined,
    branding: source.branding,
  };
}

function mapRecord<T>(
  value: unknown,
  map: (entry: Readonly<Record<string, unknown>>) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record(value)).map(([key, entry]) => [key, map(record(entry))]));
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
