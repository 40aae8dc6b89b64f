import type { Freight } from '../freight/types.js';
import { normalizeRepository } from '../image/reference.js';
import type { StageRecord } from '../ledger/state.js';
import type { Commit } from '../ports/forge.js';
import { compareWithFreight, describePlaceOf, type Place } from '../stage/runs.js';
import { sameActor } from './branch.js';
import type { Draft } from './draft.js';
import { giveWay } from './open.js';
import { hasJustLanded } from './settle.js';

/**
 * A commit that isn't ours and changes what a Stage runs (a fix by hand, a `git revert`) holds auto-promotion until a
 * person promotes the newest Freight. The ledger says what the Stage should run, its files what it does.
 */
export function holdHandMadeChanges(draft: Draft): void {
  for (const stage of draft.world.config.stages) {
    for (const { warehouse } of stage.requestedFreight) {
      const record = draft.record(stage.name, warehouse);
      const differing = differingPlaces(draft, stage.name, warehouse, record);
      if (differing.length === 0) continue;
      const where = differing.map(describePlaceOf).join(', ');
      if (record.hold === undefined) hold(draft, stage.name, warehouse, record, differing);
      const after = draft.record(stage.name, warehouse).hold;
      if (record.open?.requestedBy.kind === 'automation') {
        giveWay(draft, stage.name, warehouse, 'superseded', `${stage.name} was changed by hand`);
      }
      draft.note({
        kind: 'held',
        stage: stage.name,
        warehouse,
        text:
          after?.kind === 'hand-made'
            ? `changed by hand in ${after.commit.slice(0, 7)} by ${after.author}: ${where}; promote the newest Freight to go on`
            : `changed by hand: ${where}`,
      });
    }
  }
}

function differingPlaces(draft: Draft, stage: string, warehouse: string, record: StageRecord): readonly Place[] {
  const { trees, config } = draft.world;
  const tree = trees.get(stage);
  const freight = freightOf(draft, record.current?.freight);
  if (tree === undefined || freight === undefined) return [];
  if (hasJustLanded(draft, stage, warehouse)) return [];
  // Where the digests of what is on its way stand, it may have been merged since its pull request was looked at.
  const arriving = new Map(
    (freightOf(draft, record.open?.freight)?.images ?? []).map(({ repoURL, digest }) => [
      normalizeRepository(repoURL),
      digest,
    ]),
  );
  return compareWithFreight(tree, freight, config.warehouses.get(warehouse)).differing.filter(
    ({ site: { repository = '', digest } }) => digest === undefined || arriving.get(repository) !== digest,
  );
}

function freightOf(draft: Draft, id: string | undefined): Freight | undefined {
  return id === undefined ? undefined : draft.state().freight[id]?.freight;
}

function hold(draft: Draft, stage: string, warehouse: string, record: StageRecord, places: readonly Place[]): void {
  const commit = culprit(draft, places);
  const made = {
    kind: 'hand-made',
    since: commit?.committedDate ?? draft.world.now.toISOString(),
    commit: commit?.oid ?? draft.world.snapshot.head.oid,
    author: commit?.author ?? 'unknown',
  } as const;
  draft.updateStage(stage, warehouse, { ...record, hold: made }, { kind: 'held', stage, warehouse, hold: made });
}

/** The newest commit by someone else that touched one of the files. */
function culprit(draft: Draft, places: readonly Place[]): Commit | undefined {
  const { histories, snapshot } = draft.world;
  return places
    .flatMap(
      (place) => histories.get(place.file.path)?.find((commit) => !sameActor(commit.author, snapshot.viewer)) ?? [],
    )
    .sort((a, b) => (a.committedDate < b.committedDate ? 1 : -1))[0];
}
