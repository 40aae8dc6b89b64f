/**
 * Workflow commands, the lines a step prints to talk to the runner.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands; the grammar is that of
 * actions/runner's ActionCommand.TryParseV2.
 */
export interface WorkflowCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

const KNOWN = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
]);

/** The command in a line of output, or undefined when it is text. An unknown command is text, as on the real runner. */
export function parseCommand(line: string): WorkflowCommand | undefined {
  const text = line.trimStart();
  if (!text.startsWith('::')) return undefined;
  const end = text.indexOf('::', 2);
  if (end < 0) return undefined;
  const head = text.slice(2, end);
  const space = head.indexOf(' ');
  const name = (space < 0 ? head : head.slice(0, space)).toLowerCase();
  if (!KNOWN.has(name)) return undefined;
  const properties: Record<string, string> = {};
  if (space >= 0) {
    for (const pair of head.slice(space + 1).split(',')) {
      const equals = pair.indexOf('=');
      if (equals <= 0) continue;
      const value = pair.slice(equals + 1);
      if (value !== '') properties[pair.slice(0, equals).trim()] = unescapeProperty(value);
    }
  }
  return { name, properties, message: unescapeData(text.slice(end + 2)) };
}

/** `::name::` that resumes after `stop-commands`. */
export function isResume(line: string, token: string): boolean {
  return line.trim() === `::${token}::`;
}

function unescapeData(text: string): string {
  return text.replace(/%(25|0D|0A)/gi, (_, code: string) => decode(code));
}

function unescapeProperty(text: string): string {
  return text.replace(/%(25|0D|0A|3A|2C)/gi, (_, code: string) => decode(code));
}

function decode(code: string): string {
  return String.fromCharCode(Number.parseInt(code, 16));
}
