import { demand, visibleRepository } from '../domain/access.js';
import { transact } from '../domain/auto-merge.js';
import type { Answer, RestRequest, Route } from './route.js';

/** Parameters that hold slashes (`x-multi-segment` in the description, or branch names). */
const MULTI_SEGMENT = new Set([
  'ref',
  'path',
  'branch',
  'basehead',
  'environment_name',
  'tree_sha',
  'sha',
  'workflow_id',
]);

export interface Match {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

export type Router = (method: string, path: string) => Match | undefined;

/** Finds the route of a path. Among several the one with the most literal text wins. */
export function createRouter(routes: readonly Route[]): Router {
  const compiled = routes
    .map((route) => {
      const names: string[] = [];
      const pattern = route.template.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, (_, name: string) => {
        names.push(name);
        return MULTI_SEGMENT.has(name) ? '(.+)' : '([^/]+)';
      });
      const literal = route.template.replace(/\{\w+\}/g, '').length;
      return { route, names, literal, pattern: new RegExp(`^${pattern}$`) };
    })
    .sort((a, b) => b.literal - a.literal);
  return (method, path) => {
    for (const { route, names, pattern } of compiled) {
      if (route.method !== method) continue;
      const found = pattern.exec(path);
      if (found === null) continue;
      const parameters = Object.fromEntries(names.map((name, index) => [name, decode(found[index + 1] ?? '')]));
      return { route, parameters };
    }
    return undefined;
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Runs a route: repository found and visible, permission there, writes one at a time. */
export async function runRoute(route: Route, request: RestRequest): Promise<Answer> {
  if (route.kind === 'plain') return route.handle(request);
  const { owner = '', repo = '' } = request.parameters;
  const repository = visibleRepository(request.world, request.caller, `${owner}/${repo}`);
  demand(request.caller, repository, route.needs);
  const handle = async () => route.handle({ ...request, repository });
  return route.method === 'GET' ? handle() : transact(request.world, repository, handle);
}
