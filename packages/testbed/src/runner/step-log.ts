import { isResume, parseCommand, type WorkflowCommand } from './commands.js';
import type { Masker } from './mask.js';

export interface Annotation {
  readonly level: 'notice' | 'warning' | 'error';
  readonly message: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: number;
  readonly endLine?: number;
  readonly column?: number;
  readonly endColumn?: number;
}

export interface LogGroup {
  readonly title: string;
  readonly lines: readonly string[];
}

/** What a step has said: masked lines, the groups among them, annotations. */
export interface StepLog {
  readonly lines: readonly string[];
  readonly groups: readonly LogGroup[];
  readonly annotations: readonly Annotation[];
  /** `debug` messages: on GitHub they show only with step debugging on, so they are not among the lines. */
  readonly debug: readonly string[];
  /** How many annotations GitHub would not show: 10 of each level a step (orgs/community discussion 68471). */
  readonly droppedAnnotations: number;
  /** One line of a process's output: commands in it are obeyed. Returns a message when the step must fail for it. */
  feed(line: string): string | undefined;
  /** A line or annotation of the runner's own. */
  write(line: string): void;
  annotate(annotation: Annotation): void;
  /** A process has ended: an open group, and commands it had stopped, end with it. */
  endProcess(): void;
}

const ANNOTATIONS_PER_LEVEL = 10;

export function createStepLog(masker: Masker, onLine: (line: string) => void = () => undefined): StepLog {
  const lines: string[] = [];
  const groups: { title: string; lines: string[] }[] = [];
  const annotations: Annotation[] = [];
  const debug: string[] = [];
  let group: { title: string; lines: string[] } | undefined;
  let resumeToken: string | undefined;
  let echo = false;
  let dropped = 0;

  const write = (text: string): void => {
    const line = masker.mask(text);
    lines.push(line);
    group?.lines.push(line);
    onLine(line);
  };
  const annotate = (annotation: Annotation): void => {
    if (annotations.filter((one) => one.level === annotation.level).length < ANNOTATIONS_PER_LEVEL) {
      annotations.push({
        ...annotation,
        message: masker.mask(annotation.message),
        ...(annotation.title === undefined ? {} : { title: masker.mask(annotation.title) }),
      });
    } else dropped += 1;
    write(`##[${annotation.level}]${annotation.message}`);
  };

  const obey = (command: WorkflowCommand): string | undefined => {
    switch (command.name) {
      case 'debug':
        debug.push(masker.mask(command.message));
        return undefined;
      case 'notice':
      case 'warning':
      case 'error':
        annotate(toAnnotation(command.name, command));
        return undefined;
      case 'group':
        group = { title: masker.mask(command.message), lines: [] };
        groups.push(group);
        lines.push(`##[group]${group.title}`);
        onLine(`##[group]${group.title}`);
        return undefined;
      case 'endgroup':
        group = undefined;
        lines.push('##[endgroup]');
        onLine('##[endgroup]');
        return undefined;
      case 'add-mask':
        if (command.message.trim() === '') return annotateAnd("Can't add secret mask for empty string.");
        masker.add(command.message);
        return undefined;
      case 'echo':
        echo = command.message.trim().toLowerCase() === 'on';
        return undefined;
      case 'stop-commands':
        resumeToken = command.message.trim();
        return undefined;
      case 'set-output':
      case 'save-state':
        annotate({ level: 'warning', message: `The \`${command.name}\` command is deprecated and not obeyed here.` });
        return undefined;
      case 'set-env':
      case 'add-path':
        return `The \`${command.name}\` command is disabled. Please upgrade to using Environment Files.`;
      default:
        return undefined;
    }
  };
  const annotateAnd = (message: string): undefined => {
    annotate({ level: 'warning', message });
    return undefined;
  };

  return {
    lines,
    groups,
    annotations,
    debug,
    get droppedAnnotations() {
      return dropped;
    },
    write,
    annotate,
    feed: (line) => {
      if (resumeToken !== undefined) {
        if (isResume(line, resumeToken)) resumeToken = undefined;
        else write(line);
        return undefined;
      }
      const command = parseCommand(line);
      if (command === undefined) {
        write(line);
        return undefined;
      }
      const problem = obey(command);
      if (echo && command.name !== 'add-mask' && command.name !== 'echo') write(line);
      return problem;
    },
    endProcess: () => {
      group = undefined;
      resumeToken = undefined;
      echo = false;
    },
  };
}

function toAnnotation(level: Annotation['level'], command: WorkflowCommand): Annotation {
  const { title, file } = command.properties;
  return {
    level,
    message: command.message,
    ...(title === undefined ? {} : { title }),
    ...(file === undefined ? {} : { file }),
    ...number('line', command.properties.line),
    ...number('endLine', command.properties.endLine),
    ...number('column', command.properties.col),
    ...number('endColumn', command.properties.endColumn),
  };
}

function number<K extends string>(key: K, text: string | undefined): { readonly [P in K]?: number } {
  const value = Number(text);
  return text === undefined || !Number.isInteger(value) ? {} : ({ [key]: value } as { readonly [P in K]?: number });
}
