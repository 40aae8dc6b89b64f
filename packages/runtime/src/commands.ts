import { appendFileSync } from 'node:fs';
import type { Environment } from './environment.js';

/**
 * The runner's protocol: commands on standard output, and files that it names in the environment.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 *
 * Written here because importing @actions/core takes several times what a bare `node` takes to start (it loads an
 * HTTP client), and an action's whole start may take three times that (design §7).
 */
export interface Commands {
  /** Plain lines. What the runner would read as a command in them is taken apart. */
  print(text: string): void;
  debug(message: string): void;
  annotate(kind: AnnotationKind, message: string, place: AnnotationPlace): void;
  mask(value: string): void;
  startGroup(title: string): void;
  endGroup(): void;
  /** Appends to the file behind GITHUB_OUTPUT; without such a file the output is printed. */
  output(name: string, value: string): void;
  /** Appends to the file behind GITHUB_STEP_SUMMARY; false when there is none. */
  summary(source: string): boolean;
}

export type AnnotationKind = 'error' | 'warning' | 'notice';

export interface AnnotationPlace {
  readonly title?: string;
  /** Relative to the repository's root. */
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  readonly endLine?: number;
  /** 1-based; kept only when the annotation is about one line. */
  readonly column?: number;
  readonly endColumn?: number;
}

/** `write` puts text on standard output; `randomHex` makes the delimiters of multi-line values unguessable. */
export function createCommands(env: Environment, write: (text: string) => void, randomHex: () => string): Commands {
  const command = (name: string, properties: Readonly<Record<string, string | number | undefined>>, data: string) =>
    write(`${formatCommand(name, properties, data)}\n`);
  return {
    print: (text) => write(`${inertLines(text)}\n`),
    debug: (message) => command('debug', {}, message),
    annotate: (kind, message, place) => command(kind, annotationProperties(place), message),
    mask: (value) => command('add-mask', {}, value),
    startGroup: (title) => command('group', {}, title),
    endGroup: () => command('endgroup', {}, ''),
    output: (name, value) => {
      const file = env.GITHUB_OUTPUT;
      if (file === undefined || file === '') {
        write(`${inertLines(`Output ${name}: ${value}`)}\n`);
      } else {
        appendFileSync(file, formatFileCommand(name, value, `waybill_${randomHex()}`), 'utf8');
      }
    },
    summary: (source) => {
      const file = env.GITHUB_STEP_SUMMARY;
      if (file === undefined || file === '') {
        return false;
      }
      appendFileSync(file, `${source}\n`, 'utf8');
      return true;
    },
  };
}

/** `::name key=value,key=value::data`, everything escaped as the runner unescapes it. */
export function formatCommand(
  name: string,
  properties: Readonly<Record<string, string | number | undefined>>,
  data: string,
): string {
  const pairs = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${name}${pairs.length === 0 ? '' : ` ${pairs.join(',')}`}::${escapeData(data)}`;
}

/** `name<<delimiter`, the value, `delimiter`: how a file command holds a value of any number of lines. */
export function formatFileCommand(name: string, value: string, delimiter: string): string {
  if (value.includes(delimiter) || name.includes(delimiter)) {
    throw new Error('The delimiter of a file command occurs in its value');
  }
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}

/**
 * Text that the runner reads as nothing but text. It looks for `::` at the start of a line after blanks, and for the
 * older `##[` anywhere in it (actions/runner, ActionCommand.TryParseV2 and TryParse).
 */
export function inertLines(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/^(\s*):(?=:)/u, '$1: ').replace(/##(?=\[)/g, '## '))
    .join('\n');
}

function annotationProperties(place: AnnotationPlace): Readonly<Record<string, string | number | undefined>> {
  const oneLine = place.endLine === undefined || place.endLine === place.line;
  return {
    title: place.title,
    file: place.file,
    line: place.line,
    endLine: place.endLine,
    col: oneLine ? place.column : undefined,
    endColumn: oneLine ? place.endColumn : undefined,
  };
}

function escapeData(value: string): string {
  return value.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function escapeProperty(value: string): string {
  return escapeData(value).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
