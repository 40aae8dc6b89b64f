import type { ConcurrencyTicket } from './concurrency.js';
import { RunnerError } from './errors.js';
import type { Scope } from './expressions.js';
import { coerceToString } from './expressions.js';
import type { RunnerCore } from './run-context.js';
import { resolveTemplate, type Template } from './template.js';

export interface GroupTurn {
  readonly answer: 'granted' | 'cancelled';
  readonly reason: string;
  /** The groups held from here on, for what runs below. */
  readonly held: ReadonlySet<string>;
  leave(): void;
}

/**
 * Waits for a turn in the group a `concurrency` names; no `concurrency` is a turn at once. A group that a caller above
 * holds already can never be had: GitHub cancels for the deadlock, and so does this.
 */
export async function takeTurn(
  core: RunnerCore,
  request: {
    readonly repository: string;
    readonly template: Template | undefined;
    readonly scope: Scope;
    readonly held: ReadonlySet<string>;
    readonly what: string;
    readonly signal: AbortSignal;
    readonly cancel: (reason: string) => void;
    readonly onWait: () => void;
  },
): Promise<GroupTurn> {
  const settings = request.template === undefined ? undefined : readSettings(request.template, request.scope);
  const free = { answer: 'granted' as const, reason: '', held: request.held, leave: () => undefined };
  if (settings === undefined || settings.group === '') return free;
  const key = `${request.repository} ${settings.group}`.toLowerCase();
  if (request.held.has(key)) {
    const reason = `Canceling since a deadlock for concurrency group '${settings.group}' was detected between 'top level workflow' and '${request.what}'`;
    return { ...free, answer: 'cancelled', reason };
  }
  const ticket: ConcurrencyTicket = core.groups.enter({
    ...settings,
    repository: request.repository,
    cancel: request.cancel,
  });
  const leave = (): void => ticket.leave();
  request.signal.addEventListener('abort', leave);
  let settled = false;
  void ticket.turn.then(() => {
    settled = true;
  });
  await Promise.resolve();
  if (!settled) request.onWait();
  const answer = await ticket.turn;
  // Once it has its turn, a cancellation ends what runs, and only then the place is given up.
  request.signal.removeEventListener('abort', leave);
  return { answer, reason: ticket.reason(), held: new Set([...request.held, ticket.key]), leave };
}

function readSettings(
  template: Template,
  scope: Scope,
): { readonly group: string; readonly queue: 'single' | 'max'; readonly cancelInProgress: boolean } {
  const value = resolveTemplate(template, scope);
  if (value === null || typeof value !== 'object') {
    return { group: coerceToString(value), queue: 'single', cancelInProgress: false };
  }
  const settings = value as Readonly<Record<string, typeof value>>;
  const queue = coerceToString(settings.queue ?? 'single');
  const cancelInProgress = coerceToString(settings['cancel-in-progress'] ?? false) === 'true';
  if (queue !== 'single' && queue !== 'max')
    throw new RunnerError(`concurrency.queue: '${queue}' is neither single nor max`);
  if (queue === 'max' && cancelInProgress) {
    throw new RunnerError('concurrency: queue: max cannot be combined with cancel-in-progress: true');
  }
  return { group: coerceToString(settings.group ?? ''), queue, cancelInProgress };
}
