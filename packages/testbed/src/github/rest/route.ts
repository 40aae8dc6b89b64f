import type { Need } from '../domain/access.js';
import type { Repository } from '../state/repositories.js';
import type { Caller } from '../state/tokens.js';
import type { World } from '../state/world.js';

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RestRequest {
  readonly world: World;
  readonly caller: Caller;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  /** The JSON body; an empty record when there is none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly path: string;
}

export interface RepositoryRequest extends RestRequest {
  readonly repository: Repository;
}

interface RouteFacts {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** As in GitHub's OpenAPI description. */
  readonly template: string;
}

export interface PlainRoute extends RouteFacts {
  readonly kind: 'plain';
  readonly handle: (request: RestRequest) => Promise<Answer> | Answer;
}

export interface RepositoryRoute extends RouteFacts {
  readonly kind: 'repository';
  /** Any one of these suffices. */
  readonly needs: readonly Need[];
  readonly handle: (request: RepositoryRequest) => Promise<Answer> | Answer;
}

export type Route = PlainRoute | RepositoryRoute;

type Handler = RepositoryRoute['handle'];

/** A route below `/repos/{owner}/{repo}`; `line` is `GET /git/ref/{ref}`. */
export function onRepository(line: string, needs: Need | readonly Need[], handle: Handler): RepositoryRoute {
  const [method = '', path = ''] = line.split(' ');
  return {
    kind: 'repository',
    method: method as RouteFacts['method'],
    template: `/repos/{owner}/{repo}${path}`,
    needs: typeof needs === 'string' ? [needs] : needs,
    handle,
  };
}

export function plain(line: string, handle: PlainRoute['handle']): PlainRoute {
  const [method = '', template = ''] = line.split(' ');
  return { kind: 'plain', method: method as RouteFacts['method'], template, handle };
}

export const ok = (body: unknown, headers?: Readonly<Record<string, string>>): Answer => ({
  status: 200,
  body,
  ...(headers === undefined ? {} : { headers }),
});
export const created = (body: unknown): Answer => ({ status: 201, body });
export const noContent: Answer = { status: 204 };

export function text(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = body[name];
  return typeof value === 'string' ? value : undefined;
}

export function flag(body: Readonly<Record<string, unknown>>, name: string): boolean | undefined {
  const value = body[name];
  return typeof value === 'boolean' ? value : undefined;
}

/** One page of a list and the Link header that names the others (docs: using-pagination-in-the-rest-api). */
export function page<T>(
  request: RestRequest,
  items: readonly T[],
): { readonly items: readonly T[]; readonly headers: Record<string, string> } {
  const size = Math.min(Math.max(Number(request.query.get('per_page') ?? 30) || 30, 1), 100);
  const number = Math.max(Number(request.query.get('page') ?? 1) || 1, 1);
  const last = Math.max(Math.ceil(items.length / size), 1);
  const link = (page: number, rel: string) => {
    const query = new URLSearchParams(request.query);
    query.set('page', String(page));
    return `<${request.world.urls.api}${request.path}?${query}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link(number - 1, 'prev')] : []),
    ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
    ...(number > 1 ? [link(1, 'first')] : []),
  ];
  return {
    items: items.slice((number - 1) * size, number * size),
    headers: links.length === 0 ? {} : { link: links.join(', ') },
  };
}
