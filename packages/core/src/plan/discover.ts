import type { MissingArtifact } from '../freight/assemble.js';
import { freightAlias } from '../freight/index.js';
import type { Freight } from '../freight/types.js';
import { takenAliases } from './adopt.js';
import type { Draft } from './draft.js';

/** Discovered Freight enters the ledger, once: the same artifacts are the same ID. */
export function discover(draft: Draft): void {
  for (const [warehouse, discovery] of draft.world.discoveries) {
    if (discovery.kind === 'incomplete') {
      draft.note({ kind: 'not-discovered', warehouse, text: describeMissing(discovery.missing) });
      for (const failure of discovery.failures) draft.refuse(failure);
      continue;
    }
    const known = draft.state().freight[discovery.id];
    if (known !== undefined && known.freight.found === undefined) {
      draft.note({ kind: 'up-to-date', warehouse, freight: known.freight, text: 'nothing newer in the registry' });
      continue;
    }
    // Found Freight that the Warehouse now offers becomes ordinary Freight: it was discovered after all.
    const freight: Freight = {
      ...discovery.content,
      id: discovery.id,
      alias: known?.freight.alias ?? freightAlias(discovery.id, takenAliases(draft.state())),
      discoveredAt: draft.world.now.toISOString(),
    };
    const record = { freight, verifiedIn: known?.verifiedIn ?? {}, approvedFor: known?.approvedFor ?? {} };
    draft.update(
      { ...draft.state(), freight: { ...draft.state().freight, [freight.id]: record } },
      { kind: 'freight-discovered', freight },
    );
    draft.note({ kind: 'discovered', warehouse, freight, text: `${freight.images.length} images` });
  }
}

function describeMissing(missing: readonly MissingArtifact[]): string {
  return `no Freight, for all of a Warehouse's images come together: ${missing
    .map(({ repoURL, reason }) => `${repoURL}: ${reason}`)
    .join('; ')}`;
}
