import type { Observed } from '../domain/mergeability.js';
import { Refusal } from '../refusal.js';
import type { Repository } from '../state/repositories.js';
import type { Caller } from '../state/tokens.js';
import type { World } from '../state/world.js';

/** What every resolver of one execution shares. */
export interface Context {
  readonly world: World;
  readonly caller: Caller;
  /** Mergeability as first read in this execution, by pull request id: one query is one read. */
  readonly observed: Map<number, Promise<Observed>>;
  readonly unhandled: string[];
}

export type Args = Readonly<Record<string, unknown>>;

export type Resolver = (source: unknown, args: Args, context: Context) => unknown;

export interface TypeResolvers {
  readonly name: string;
  readonly fields: Readonly<Record<string, Resolver>>;
}

/** The resolvers of one object type, whose sources are `S`. */
export function defineType<S>(
  name: string,
  fields: Readonly<Record<string, (source: S, args: Args, context: Context) => unknown>>,
): TypeResolvers {
  return { name, fields: fields as unknown as Readonly<Record<string, Resolver>> };
}

/** A source that knows its GraphQL type; `repository` says where it lives. */
export interface RepositoryNode {
  readonly __typename: 'Repository';
  readonly repository: Repository;
}

export const repositoryNode = (repository: Repository): RepositoryNode => ({ __typename: 'Repository', repository });

interface Page {
  readonly start: number;
  readonly end: number;
}

function cursor(index: number): string {
  return Buffer.from(`cursor:${index}`).toString('base64');
}

function position(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const found = /^cursor:(\d+)$/.exec(Buffer.from(value, 'base64').toString('utf8'));
  if (found === null)
    throw new Refusal({
      status: 422,
      type: 'BAD_REQUEST',
      message: `\`${value}\` does not appear to be a valid cursor.`,
    });
  return Number(found[1]);
}

/** docs: graphql/overview/rate-limits-and-query-limits, "Node limit": `first` or `last` is needed, 1 to 100. */
function pageOf(field: string, args: Args, count: number): Page {
  const { first, last } = args;
  const size = typeof first === 'number' ? first : typeof last === 'number' ? last : undefined;
  if (size === undefined) {
    throw new Refusal({
      status: 422,
      type: 'BAD_REQUEST',
      message: `You must provide a \`first\` or \`last\` value to properly paginate the \`${field}\` connection.`,
    });
  }
  if (size < 1 || size > 100) {
    throw new Refusal({
      status: 422,
      type: 'BAD_REQUEST',
      message: `Requesting ${size} records on the \`${field}\` connection exceeds the \`${typeof first === 'number' ? 'first' : 'last'}\` limit of 100 records.`,
    });
  }
  const after = position(args.after);
  const before = position(args.before);
  const low = after === undefined ? 0 : after + 1;
  const high = before === undefined ? count : Math.min(before, count);
  return typeof first === 'number'
    ? { start: low, end: Math.min(low + size, high) }
    : { start: Math.max(high - size, low), end: high };
}

/** A Relay connection over a list; items outside the page are not turned into nodes. */
export async function connection<T>(
  field: string,
  args: Args,
  items: readonly T[],
  toNode: (item: T) => unknown,
): Promise<Record<string, unknown>> {
  const { start, end } = pageOf(field, args, items.length);
  const nodes = await Promise.all(items.slice(start, end).map(toNode));
  return {
    totalCount: items.length,
    nodes,
    edges: nodes.map((node, index) => ({ node, cursor: cursor(start + index) })),
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: nodes.length === 0 ? null : cursor(start),
      endCursor: nodes.length === 0 ? null : cursor(end - 1),
    },
  };
}

export function textArg(args: Args, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
}

export function listArg(args: Args, name: string): readonly string[] | undefined {
  const value = args[name];
  return Array.isArray(value) ? value.map(String) : undefined;
}
