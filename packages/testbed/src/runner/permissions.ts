import type { PermissionLevel, Permissions } from '../github/host.js';
import { fields, literalString, type Template } from './template.js';

/** What a workflow or job asks for: everything at one level, or scopes by name with all others at none. */
export type RequestedPermissions = 'read-all' | 'write-all' | Permissions;

/** The scopes of a workflow's `permissions` (workflow syntax, "permissions"). */
const SCOPES = [
  'actions',
  'attestations',
  'checks',
  'contents',
  'deployments',
  'discussions',
  'id-token',
  'issues',
  'models',
  'packages',
  'pages',
  'pull-requests',
  'security-events',
  'statuses',
] as const;

const RANK: Readonly<Record<PermissionLevel, number>> = { none: 0, read: 1, write: 2 };

/** GITHUB_TOKEN's default under the "restricted" setting, the one new organizations have. */
export const RESTRICTED: Permissions = { contents: 'read', packages: 'read', metadata: 'read' };

export function readPermissions(template: Template | undefined): RequestedPermissions | undefined {
  if (template === undefined) return undefined;
  const all = literalString(template);
  if (all === 'read-all' || all === 'write-all') return all;
  return Object.fromEntries([...fields(template)].map(([scope, level]) => [scope, toLevel(literalString(level))]));
}

/** The levels asked for, scope by scope; `metadata` can always be read. */
export function expandPermissions(requested: RequestedPermissions): Permissions {
  const level = requested === 'read-all' ? 'read' : requested === 'write-all' ? 'write' : undefined;
  const named =
    level === undefined ? (requested as Permissions) : Object.fromEntries(SCOPES.map((scope) => [scope, level]));
  return { ...named, metadata: 'read' };
}

/** No scope above `cap`. */
export function capPermissions(permissions: Permissions, cap: Permissions): Permissions {
  return Object.fromEntries(
    Object.entries(permissions).map(([scope, level]) => {
      const most = scope === 'metadata' ? 'read' : (cap[scope] ?? 'none');
      return [scope, RANK[level] > RANK[most] ? most : level];
    }),
  );
}

export function readOnly(permissions: Permissions): Permissions {
  return Object.fromEntries(
    Object.entries(permissions).map(([scope, level]) => [scope, level === 'write' ? 'read' : level]),
  );
}

/**
 * Undefined when `requested` stays within `cap`, else GitHub's words for it:
 * `'contents: write', but is only allowed 'contents: read'`.
 */
export function elevation(requested: RequestedPermissions, cap: Permissions): string | undefined {
  const beyond = Object.entries(expandPermissions(requested)).filter(
    ([scope, level]) => scope !== 'metadata' && RANK[level] > RANK[cap[scope] ?? 'none'],
  );
  if (beyond.length === 0) return undefined;
  const list = (pairs: readonly (readonly [string, PermissionLevel])[]): string =>
    pairs.map(([scope, level]) => `${scope}: ${level}`).join(', ');
  return `'${list(beyond)}', but is only allowed '${list(beyond.map(([scope]) => [scope, cap[scope] ?? 'none']))}'`;
}

function toLevel(text: string | undefined): PermissionLevel {
  return text === 'read' || text === 'write' ? text : 'none';
}
