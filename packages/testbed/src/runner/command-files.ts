import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunnerError } from './errors.js';

/** The files of one step through which it sets outputs, variables, state, paths and its summary. */
export interface CommandFiles {
  /** The `GITHUB_*` variables that name them. */
  readonly env: Readonly<Record<string, string>>;
  /** Reads all of them and deletes them. Throws RunnerError naming the file that cannot be understood. */
  collect(): Promise<CollectedFiles>;
}

interface CollectedFiles {
  readonly outputs: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly path: readonly string[];
  readonly summary: string;
  /** What could not be understood, one message a file. The step fails when there is one. */
  readonly problems: readonly string[];
}

const FILES = { GITHUB_OUTPUT: 'output', GITHUB_ENV: 'env', GITHUB_STATE: 'state', GITHUB_PATH: 'path' } as const;
let sequence = 0;

/** Creates empty command files below `temp`, with names no other step has. */
export async function createCommandFiles(temp: string): Promise<CommandFiles> {
  const folder = join(temp, '_runner_file_commands', `${process.pid}-${++sequence}`);
  await mkdir(folder, { recursive: true });
  const env: Record<string, string> = { GITHUB_STEP_SUMMARY: join(folder, 'step_summary') };
  for (const [name, file] of Object.entries(FILES)) env[name] = join(folder, file);
  for (const path of Object.values(env)) await writeFile(path, '');
  const read = (name: string): Promise<string> => readFile(env[name] ?? '', 'utf8').catch(() => '');
  return {
    env,
    collect: async () => {
      const problems: string[] = [];
      const pairs = async (name: keyof typeof FILES): Promise<Record<string, string>> => {
        const text = await read(name);
        try {
          return parseKeyValueFile(text);
        } catch (error) {
          problems.push(`Unable to process file command '${FILES[name]}' successfully.`);
          problems.push(error instanceof Error ? error.message : String(error));
          return {};
        }
      };
      const collected = {
        outputs: await pairs('GITHUB_OUTPUT'),
        env: await pairs('GITHUB_ENV'),
        state: await pairs('GITHUB_STATE'),
        path: (await read('GITHUB_PATH')).split(/\r\n|\n/).filter((line) => line !== ''),
        summary: await read('GITHUB_STEP_SUMMARY'),
      };
      const variables: Record<string, string> = {};
      for (const [name, value] of Object.entries(collected.env)) {
        if (name.toUpperCase() === 'NODE_OPTIONS') {
          problems.push("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.");
        } else variables[name] = value;
      }
      await rm(folder, { recursive: true, force: true });
      return { ...collected, env: variables, problems };
    },
  };
}

/**
 * `name=value` and `name<<DELIMITER` … `DELIMITER` lines, as actions/runner's EnvFileKeyValuePairs reads them: the
 * first of `=` and `<<` decides, a later entry wins, line ends inside a value stay as they are.
 * Throws RunnerError for a line that is neither, an empty name, or a delimiter that never comes.
 */
export function parseKeyValueFile(text: string): Record<string, string> {
  const result = new Map<string, string>();
  let rest = text;
  const takeLine = (): { line: string; end: string } | undefined => {
    if (rest === '') return undefined;
    const match = /\r\n|\n/.exec(rest);
    const line = match === null ? rest : rest.slice(0, match.index);
    rest = match === null ? '' : rest.slice(match.index + match[0].length);
    return { line, end: match?.[0] ?? '' };
  };
  for (let next = takeLine(); next !== undefined; next = takeLine()) {
    const { line } = next;
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      if (equals === 0) throw new RunnerError(`Invalid format '${line}'. Name must not be empty`);
      result.set(line.slice(0, equals), line.slice(equals + 1));
    } else if (heredoc >= 0) {
      const name = line.slice(0, heredoc);
      const delimiter = line.slice(heredoc + 2);
      if (name === '' || delimiter === '') {
        throw new RunnerError(`Invalid format '${line}'. Name must not be empty and delimiter must not be empty`);
      }
      let value = '';
      let lastEnd = '';
      for (;;) {
        const part = takeLine();
        if (part === undefined) throw new RunnerError(`Invalid value. Matching delimiter not found '${delimiter}'`);
        if (part.line === delimiter) break;
        value += lastEnd + part.line;
        lastEnd = part.end;
      }
      result.set(name, value);
    } else throw new RunnerError(`Invalid format '${line}'`);
  }
  return Object.fromEntries(result);
}
