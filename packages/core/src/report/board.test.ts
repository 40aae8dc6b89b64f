import { describe, expect, it } from '@jest/globals';
import { promotionName } from '../freight/index.js';
import type { StageRecord } from '../ledger/state.js';
import { freight, type GivenWorld, ledger, NOW, world } from '../plan/test-world.js';
import { renderBoard } from './board.js';

const FOUND = freight({ api: 'a0', web: 'b0' }, { at: '2026-11-18T08:00:00.000Z', found: ['production'] });
const OLD = freight({ api: 'a1', web: 'b0' }, { at: '2026-11-19T08:00:00.000Z', verified: { dev: 0, staging: 0 } });
const NEW = freight({ api: 'a2', web: 'b0' }, { at: '2026-11-20T08:00:00.000Z' });
const NAME = promotionName('staging', new Date(NOW), new Uint8Array(10), OLD.freight.id);

function board(stages: Readonly<Record<string, StageRecord>>, given: GivenWorld = {}): string {
  const state = ledger([FOUND, OLD, NEW], stages);
  return renderBoard(world({ state, ...given }), state);
}

const open = {
  name: NAME,
  stage: 'dev',
  warehouse: 'platform',
  freight: NEW.freight.id,
  requestedBy: { kind: 'automation' },
  requestedAt: NOW,
  base: 'base',
  edits: [],
  autoMerge: true,
  newest: true,
} as const;

describe('the board', () => {
  it('says what each Stage has, what is on its way, and what is held', () => {
    const shown = board({
      dev: {
        current: { freight: OLD.freight.id, since: '2026-11-20T09:30:59.000Z' },
        open: { ...open, pullRequest: 12 },
      },
      staging: {
        current: { freight: OLD.freight.id, since: '2026-11-20T10:00:00.000Z' },
        hold: { kind: 'promotion', since: '2026-11-20T10:00:00.000Z', promotion: NAME, author: 'ada' },
      },
      production: {
        current: { freight: FOUND.freight.id, since: '2026-11-18T08:00:00.000Z' },
        hold: { kind: 'hand-made', since: '2026-11-20T11:00:00.000Z', commit: 'c0ffee1234', author: 'grace' },
      },
    });
    expect(shown).toMatchInlineSnapshot(`
"# Waybill

What each Stage of acme/gitops has. Written at 2026-11-20 12:00 UTC; this branch is the ledger, and only Waybill writes to it.

| Stage | Warehouse | Freight | Since | On its way | Hold |
| --- | --- | --- | --- | --- | --- |
| \`dev\` | \`platform\` | \`6dd917c\` sober-elephant | 2026-11-20 09:30 UTC | \`f4c3b71\` great-gibbon [pull request 12](https://github.com/acme/gitops/pull/12) | – |
| \`staging\` | \`platform\` | \`6dd917c\` sober-elephant | 2026-11-20 10:00 UTC | – | held since 2026-11-20 10:00 UTC |
| \`production\` | \`platform\` | \`bbe3b82\` plain-gorilla | 2026-11-18 08:00 UTC | – | held since 2026-11-20 11:00 UTC |

## Held

Promoting the newest Freight lifts a hold.

- \`staging\`: ada promoted other Freight than the newest (\`staging.01m7wd7tg00000000000000000.6dd917c\`)
- \`production\`: changed by hand by grace in \`c0ffee1\`

## Freight

| Freight | Warehouse | Discovered | Images | Verified in |
| --- | --- | --- | --- | --- |
| \`f4c3b71\` great-gibbon | \`platform\` | 2026-11-20 08:00 UTC | 2 | – |
| \`6dd917c\` sober-elephant | \`platform\` | 2026-11-19 08:00 UTC | 2 | \`dev\`, \`staging\` |
| \`bbe3b82\` plain-gorilla | \`platform\` | found in \`production\` | 2 | – |
"
`);
  });

  it('is there before anything is', () => {
    const state = ledger();
    expect(renderBoard(world({ state }), state)).toContain('| `dev` | `platform` | – | – | – | – |');
  });

  it('says that the ledger is unprotected', () => {
    const shown = board({}, { protection: { kind: 'unprotected', why: 'no ruleset <b>' } });
    expect(shown).toContain('**The ledger is unprotected**: no ruleset &lt;b&gt;. Stages with a floor refuse.');
  });

  it('shows names of people as text', () => {
    const author = '@acme/team Fixes #1\n</table>';
    const shown = board({
      dev: { hold: { kind: 'hand-made', since: NOW, commit: 'c0ffee1', author } },
      staging: { hold: { kind: 'promotion', since: NOW, promotion: NAME, author } },
    });
    expect(shown).not.toMatch(/@acme|#1|<\/table>/);
    expect(shown.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(2);
  });

  it('is the same for the same state, in whatever order it came', () => {
    const twins = ['1', '2', '3'].map((api) => freight({ api, web: 'b0' }));
    const shown = [twins, [...twins].reverse()].map((records) => renderBoard(world(), ledger(records)));
    expect(shown[0]).toBe(shown[1]);
  });
});
