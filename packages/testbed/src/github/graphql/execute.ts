import {
  type DocumentNode,
  execute,
  GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { Refusal } from '../refusal.js';
import type { Caller } from '../state/tokens.js';
import type { World } from '../state/world.js';
import { actorTypes, userNode } from './actors.js';
import { checkTypes } from './checks.js';
import { deploymentTypes } from './deployments.js';
import { gitObjectTypes } from './git-objects.js';
import { nodeById, repositoryNamed } from './lookup.js';
import { mutationType } from './mutations.js';
import { pullRequestTypes } from './pull-requests.js';
import { repositoryTypes } from './repository.js';
import { githubSchema } from './schema.js';
import { type Context, defineType, listArg, repositoryNode, type TypeResolvers } from './types.js';

export interface GraphqlCall {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | undefined;
  readonly caller: Caller;
}

export interface GraphqlResult {
  readonly body: unknown;
  /** `query repository`, `mutation createRef`: the top-level fields. */
  readonly operations: readonly string[];
  readonly mutating: boolean;
}

const queryType = defineType<unknown>('Query', {
  viewer: (_source, _args, { caller }) => {
    if (caller.kind !== 'user' && caller.kind !== 'installation') {
      throw new Refusal({ status: 401, message: 'Requires authentication' });
    }
    return userNode(caller.account);
  },
  repository: (_source, args, context) =>
    repositoryNode(repositoryNamed(context, `${String(args.owner)}/${String(args.name)}`)),
  node: (_source, args, context) => nodeById(context, String(args.id)),
  nodes: (_source, args, context) => Promise.all((listArg(args, 'ids') ?? []).map((id) => nodeById(context, id))),
  user: (_source, args, { world }) => {
    const account = world.accounts.get(String(args.login).toLowerCase());
    if (account === undefined) {
      throw new Refusal({
        status: 404,
        type: 'NOT_FOUND',
        message: `Could not resolve to a User with the login of '${String(args.login)}'.`,
      });
    }
    return userNode(account);
  },
  rateLimit: (_source, _args, { world }) => ({
    limit: 5000,
    cost: 1,
    remaining: 4999,
    used: 1,
    nodeCount: 1,
    resetAt: new Date(Math.ceil((world.clock().getTime() + 1) / 3_600_000) * 3_600_000),
  }),
});

const TYPES = new Map<string, TypeResolvers>(
  [
    queryType,
    mutationType,
    ...actorTypes,
    ...checkTypes,
    ...deploymentTypes,
    ...gitObjectTypes,
    ...pullRequestTypes,
    ...repositoryTypes,
  ].map((type) => [type.name, type]),
);

function topFields(operation: OperationDefinitionNode | null | undefined): string[] {
  if (operation === null || operation === undefined) return [];
  return operation.selectionSet.selections.map((selection) =>
    selection.kind === Kind.FIELD ? `${operation.operation} ${selection.name.value}` : `${operation.operation} ...`,
  );
}

function describe(error: GraphQLError): Record<string, unknown> {
  const cause = error.originalError;
  const details = cause instanceof Refusal ? detailsOf(cause) : { message: error.message };
  return {
    ...details,
    ...(error.path === undefined ? {} : { path: error.path }),
    ...(error.locations === undefined ? {} : { locations: error.locations }),
  };
}

/** GraphQL says what REST puts into `errors`. */
function detailsOf(refusal: Refusal): Record<string, unknown> {
  const inner = (refusal.errors ?? []).map((one) =>
    typeof one === 'string'
      ? one
      : typeof one === 'object' && one !== null && 'message' in one
        ? String(one.message)
        : '',
  );
  const said = inner.filter((text) => text !== '');
  return { type: refusal.type, message: said.length > 0 ? said.join(', ') : refusal.message };
}

/** Parses, validates against GitHub's schema and executes; GitHub answers 200 whatever comes of it. */
export async function executeGraphql(world: World, unhandled: string[], call: GraphqlCall): Promise<GraphqlResult> {
  const schema = githubSchema();
  let document: DocumentNode;
  try {
    document = parse(call.query);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { body: { errors: [{ message, type: 'BAD_REQUEST' }] }, operations: [], mutating: false };
  }
  const operation = getOperationAST(document, call.operationName);
  const operations = topFields(operation);
  const mutating = operation?.operation === 'mutation';
  const invalid = validate(schema, document, specifiedRules);
  if (invalid.length > 0) {
    unhandled.push(...invalid.map((error) => `graphql: ${error.message}`));
    return { body: { errors: invalid.map(describe) }, operations, mutating };
  }
  const context: Context = { world, caller: call.caller, observed: new Map(), unhandled };
  const result = await execute({
    schema,
    document,
    contextValue: context,
    variableValues: call.variables,
    ...(call.operationName === undefined ? {} : { operationName: call.operationName }),
    typeResolver: (source) => String((source as { readonly __typename?: unknown }).__typename),
    fieldResolver: (source: unknown, args, shared: Context, info) => {
      const type = TYPES.get(info.parentType.name);
      const resolver = type?.fields[info.fieldName];
      if (resolver !== undefined) return resolver(source, args, shared);
      if (
        type === undefined &&
        typeof source === 'object' &&
        source !== null &&
        Object.hasOwn(source, info.fieldName)
      ) {
        return (source as Record<string, unknown>)[info.fieldName];
      }
      const what = `not in the test bed: ${info.parentType.name}.${info.fieldName}`;
      shared.unhandled.push(what);
      throw new GraphQLError(what);
    },
  });
  const errors = result.errors ?? [];
  for (const error of errors) {
    // What no refusal explains is a fault of the test bed or of the request's variables; either must not pass unseen.
    if (!(error.originalError instanceof Refusal) && !error.message.startsWith('not in the test bed')) {
      unhandled.push(`graphql: ${error.message}`);
    }
  }
  const body =
    errors.length === 0
      ? { data: result.data }
      : { ...(result.data === undefined ? {} : { data: result.data }), errors: errors.map(describe) };
  return { body, operations, mutating };
}
