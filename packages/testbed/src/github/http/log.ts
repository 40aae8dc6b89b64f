export interface LogEntry {
  readonly kind: 'rest' | 'graphql' | 'git';
  readonly method: string;
  /** The OpenAPI template of a REST route, `/graphql`, or the Git service (`git-upload-pack`); the path when unknown. */
  readonly route: string;
  readonly path: string;
  /** GraphQL: the top-level fields, `mutation createCommitOnBranch`, `query repository`. */
  readonly operations: readonly string[];
  /** What the client got; 0 when the connection died. */
  readonly status: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Whether the request may change something. */
  readonly mutating: boolean;
  /** Login of who asked, undefined without a valid credential. */
  readonly login: string | undefined;
}

/** Every request in the order it was answered. */
export type RouteLog = LogEntry[] & { clear(): void };

export function createLog(): RouteLog {
  const entries: LogEntry[] = [];
  const clear = () => {
    entries.length = 0;
  };
  // Not enumerable, so that a test can compare the log with a plain list.
  return Object.defineProperty(entries, 'clear', { value: clear }) as RouteLog;
}
