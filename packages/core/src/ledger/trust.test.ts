import { describe, expect, it } from '@jest/globals';
import { commit } from '../plan/test-world.js';
import type { Commit } from '../ports/forge.js';
import { EMPTY_LEDGER } from './state.js';
import { trustCommits, trustState } from './trust.js';

const ours = (oid: string, given: Partial<Commit> = {}): Commit => commit(oid, { author: 'waybill[bot]', ...given });
const head = (given: Partial<Commit> = {}): Commit => ours('l2', { parents: ['l1'], ...given });

function trust(commits: readonly Commit[], base: string | null = 'l1', viewer = 'waybill[bot]'): void {
  trustState(trustCommits(commits, viewer), { ...EMPTY_LEDGER, base });
}

describe('the trust in a ledger', () => {
  it.each<[string, readonly Commit[], string | null, string]>([
    ['ours, signed, on its base', [head(), ours('l1')], 'l1', 'waybill[bot]'],
    ['the first commit', [ours('l1')], null, 'waybill[bot]'],
    ['a person’s own token', [head({ author: 'ada' })], 'l1', 'ada'],
  ])('trusts %s', (_, commits, base, viewer) => {
    expect(() => trust(commits, base, viewer)).not.toThrow();
  });

  it.each<[string, readonly Commit[], string | null, string]>([
    ['no commit', [], null, 'the branch has no commit'],
    ['an unsigned head', [head({ verified: false })], 'l1', 'commit l2 by waybill[bot] is not signed by GitHub'],
    [
      'an unsigned commit below',
      [head(), ours('l1', { verified: false })],
      'l1',
      'commit l1 by waybill[bot] is not signed',
    ],
    ['another author', [head({ author: 'eve' })], 'l1', 'commit l2 is by eve, and this run is waybill[bot]'],
    ['another author below', [head(), ours('l1', { author: 'eve' })], 'l1', 'commit l1 is by eve'],
    ['another App', [head({ author: 'dependabot[bot]' })], 'l1', 'commit l2 is by dependabot[bot]'],
    ['a name that no login stands behind', [head({ author: 'waybill (unlinked)' })], 'l1', 'is by waybill (unlinked)'],
    [
      'our name with more around it',
      [head({ author: 'waybill[bot] (unlinked)' })],
      'l1',
      'is by waybill[bot] (unlinked)',
    ],
    ['our name twice a bot', [head({ author: 'waybill[bot][bot]' })], 'l1', 'is by waybill[bot][bot]'],
    ['our name around a bot', [head({ author: 'way[bot]bill' })], 'l1', 'is by way[bot]bill'],
    [
      'a person of our name',
      [head({ author: 'waybill' })],
      'l1',
      'commit l2 is by waybill, and this run is waybill[bot]',
    ],
    ['our name in another case', [head({ author: 'Waybill' })], 'l1', 'is by Waybill'],
    ['a state replayed on a later head', [head({ parents: ['l9'] })], 'l1', 'stands on l9, but was planned on l1'],
    ['a branch that was started anew', [head({ parents: [] })], 'l1', 'stands on nothing, but was planned on l1'],
    ['a first state on an older history', [head()], null, 'stands on l1, but was planned on nothing'],
  ])('does not trust %s', (_, commits, base, why) => {
    expect(() => trust(commits, base)).toThrow(
      expect.objectContaining({ code: 'ledger-untrusted', what: expect.stringContaining(why) }),
    );
  });
});
