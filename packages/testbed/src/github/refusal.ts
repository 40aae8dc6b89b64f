/** GitHub's own classes of GraphQL errors that the test bed answers with. */
export type GraphqlErrorType =
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'STALE_DATA'
  | 'UNPROCESSABLE'
  | 'INSUFFICIENT_SCOPES'
  | 'SERVICE_UNAVAILABLE'
  | 'BAD_REQUEST';

export interface RefusalFacts {
  readonly message: string;
  /** The REST answer's status. */
  readonly status: number;
  /** The GraphQL error's `type`; follows from the status when not given. */
  readonly type?: GraphqlErrorType;
  /** The REST answer's `errors`. */
  readonly errors?: readonly unknown[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** What GitHub declines to do. Domain code throws it; REST and GraphQL each word it their way. */
export class Refusal extends Error {
  readonly status: number;
  readonly type: GraphqlErrorType;
  readonly errors: readonly unknown[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(facts: RefusalFacts) {
    super(facts.message);
    this.name = 'Refusal';
    this.status = facts.status;
    this.type = facts.type ?? typeOf(facts.status);
    this.errors = facts.errors;
    this.headers = facts.headers ?? {};
  }
}

function typeOf(status: number): GraphqlErrorType {
  if (status === 403) return 'FORBIDDEN';
  return status === 404 ? 'NOT_FOUND' : 'UNPROCESSABLE';
}

export const notFound = (): Refusal => new Refusal({ status: 404, message: 'Not Found' });

export const notAccessible = (accepted: string): Refusal =>
  new Refusal({
    status: 403,
    type: 'FORBIDDEN',
    message: 'Resource not accessible by integration',
    headers: { 'x-accepted-github-permissions': accepted },
  });

/** GitHub's 422 with one field named, as in `{resource: PullRequest, code: custom, message}`. */
export function unprocessable(message: string, errors?: readonly unknown[]): Refusal {
  return new Refusal({ status: 422, message, ...(errors === undefined ? {} : { errors }) });
}
