import { accountOfEmail } from '../domain/identities.js';
import type { Signature } from '../git/commit.js';
import type { Account } from '../state/accounts.js';
import { nodeId } from '../state/ids.js';
import { defineType } from './types.js';

export interface ActorNode {
  readonly __typename: 'User' | 'Bot' | 'Organization';
  readonly account: Account;
}

/** As an `Actor`: a bot is a Bot, and its login there has no `[bot]`. */
export function actorNode(account: Account): ActorNode {
  return { __typename: account.type, account };
}

/** As a `User`, which is what viewer, commits and reviewers make of a bot too, `[bot]` included. */
export function userNode(account: Account): ActorNode {
  return { __typename: 'User', account };
}

export interface GitActorNode {
  readonly __typename: 'GitActor';
  readonly signature: Signature;
}

const common = {
  id: ({ account }: ActorNode) => nodeId(account.type, account.id),
  databaseId: ({ account }: ActorNode) => account.id,
};

export const actorTypes = [
  defineType<ActorNode>('User', {
    ...common,
    login: ({ account }) => account.login,
    name: ({ account }) => account.name ?? null,
    email: () => '',
    url: ({ account }, _args, { world }) => `${world.urls.server}/${encodeURIComponent(account.login)}`,
    createdAt: ({ account }) => account.createdAt,
  }),
  defineType<ActorNode>('Bot', {
    ...common,
    login: ({ account }) => account.login.replace(/\[bot\]$/, ''),
    url: ({ account }, _args, { world }) => `${world.urls.server}/apps/${account.login.replace(/\[bot\]$/, '')}`,
    createdAt: ({ account }) => account.createdAt,
  }),
  defineType<ActorNode>('Organization', {
    ...common,
    login: ({ account }) => account.login,
    name: ({ account }) => account.name ?? null,
    url: ({ account }, _args, { world }) => `${world.urls.server}/${account.login}`,
    createdAt: ({ account }) => account.createdAt,
  }),
  defineType<GitActorNode>('GitActor', {
    name: ({ signature }) => signature.name,
    email: ({ signature }) => signature.email,
    date: ({ signature }) => signature.date.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    user: ({ signature }, _args, { world }) => {
      const account = accountOfEmail(world, signature.email);
      return account === undefined ? null : userNode(account);
    },
  }),
];
