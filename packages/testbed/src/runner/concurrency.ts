/** Concurrency groups of a whole server: one run or job of a group at a time, the others wait or give way. */
export interface ConcurrencyGroups {
  /** Waits for its turn. `cancelled` when another took its place in the queue, or when it was withdrawn. */
  enter(request: ConcurrencyRequest): ConcurrencyTicket;
}

interface ConcurrencyRequest {
  /** Repository and group; groups compare without regard to case. */
  readonly repository: string;
  readonly group: string;
  /** `single`: an older pending one is cancelled. `max`: up to 100 wait in order. */
  readonly queue: 'single' | 'max';
  readonly cancelInProgress: boolean;
  /** Called when it runs and a newer one asks it to end; it leaves when it has. */
  readonly cancel: (reason: string) => void;
}

export interface ConcurrencyTicket {
  readonly key: string;
  readonly turn: Promise<'granted' | 'cancelled'>;
  /** Known once the turn is `cancelled`. */
  readonly reason: () => string;
  /** Gives up the place, running or pending; the next in line gets its turn. */
  leave(): void;
}

/** The most that wait under `queue: max`; beyond it the newcomer is cancelled (docs: control workflow concurrency). */
const QUEUE_LIMIT = 100;

interface Entry {
  readonly request: ConcurrencyRequest;
  readonly settle: (answer: 'granted' | 'cancelled', reason?: string) => void;
}

export function createConcurrencyGroups(): ConcurrencyGroups {
  const groups = new Map<string, { running?: Entry | undefined; pending: Entry[] }>();
  return {
    enter: (request) => {
      const key = `${request.repository} ${request.group}`.toLowerCase();
      const group = groups.get(key) ?? { pending: [] };
      groups.set(key, group);
      const higher = `Canceling since a higher priority waiting request for ${request.group} exists`;
      let reason = '';
      let settle: Entry['settle'] = () => undefined;
      const turn = new Promise<'granted' | 'cancelled'>((resolve) => {
        settle = (answer, why = '') => {
          reason = why;
          resolve(answer);
        };
      });
      const entry: Entry = { request, settle };
      if (group.running === undefined) {
        group.running = entry;
        settle('granted');
      } else if (request.queue === 'max' && group.pending.length >= QUEUE_LIMIT) {
        settle('cancelled', `Canceling since the queue of ${request.group} is full`);
      } else {
        if (request.queue === 'single' || request.cancelInProgress) {
          for (const older of group.pending.splice(0)) older.settle('cancelled', higher);
        }
        group.pending.push(entry);
        if (request.cancelInProgress) group.running.request.cancel(higher);
      }
      return {
        key,
        turn,
        reason: () => reason,
        leave: () => {
          const index = group.pending.indexOf(entry);
          if (index >= 0) {
            group.pending.splice(index, 1);
            settle('cancelled', 'The operation was canceled.');
          } else if (group.running === entry) {
            group.running = group.pending.shift();
            group.running?.settle('granted');
          }
        },
      };
    },
  };
}
