import { describe, expect, it } from '@jest/globals';
import { commit } from '../plan/test-world.js';
import type { Commit } from '../ports/forge.js';
import { commitMessage } from '../report/trailers.js';
import { LEDGER_TRAILER, lastRecorded } from './trust.js';

const VIEWER = 'waybill[bot]';
const OLDER = '1'.repeat(40);
const NEWER = '2'.repeat(40);

function promotion(ledger: string, given: Partial<Commit> = {}): Commit {
  const message = commitMessage('promote(dev): x', [], [{ key: LEDGER_TRAILER, value: ledger }]);
  return commit(`p${ledger.slice(0, 1)}`, { author: VIEWER, message, ...given });
}

describe('lastRecorded', () => {
  it.each<[string, readonly Commit[], string | undefined]>([
    ['nothing landed', [commit('c1', { author: 'ada' })], undefined],
    ['the newest of ours', [commit('c1', { author: 'ada' }), promotion(NEWER), promotion(OLDER)], NEWER],
    ['not what a person wrote', [promotion(NEWER, { author: 'ada' }), promotion(OLDER)], OLDER],
    ['not what nobody signed', [promotion(NEWER, { verified: false }), promotion(OLDER)], OLDER],
    ['no trailer of another form', [promotion('main'), promotion(OLDER)], OLDER],
  ])('%s', (_, commits, expected) => {
    expect(lastRecorded(commits, VIEWER)).toBe(expected);
  });
});
