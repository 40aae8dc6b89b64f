import { nearestName, suggestion } from './names.js';
import type { DraftRequest, DraftStage, NameUse } from './read-stage.js';
import type { RequestedFreight, Stage, Warehouse } from './types.js';
import { report } from './yaml-reader.js';

type Linked = ReadonlyMap<string, readonly RequestedFreight[]>;

/**
 * The Stages with their names looked up: upstream before downstream, file order otherwise. Unknown names, cycles and
 * Freight that never comes are noted; Stages touched by that are left out.
 */
export function linkStages(
  drafts: readonly DraftStage[],
  warehouses: ReadonlyMap<string, Warehouse>,
  declaredWarehouses: readonly string[],
): readonly Stage[] {
  const names = drafts.map(({ name }) => name);
  for (const draft of drafts) checkNames(draft, names, declaredWarehouses);
  const ordered = upstreamFirst(drafts);
  const linked = new Map<string, readonly RequestedFreight[]>();
  const stages: Stage[] = [];
  for (const draft of ordered) {
    const requestedFreight = link(draft, linked, warehouses);
    if (requestedFreight === undefined) continue;
    linked.set(draft.name, requestedFreight);
    checkAmbiguity(draft, requestedFreight, warehouses);
    checkKeyUpdates(draft, requestedFreight, warehouses);
    stages.push({
      name: draft.name,
      requestedFreight,
      promotion: { via: 'pull-request' },
      updates: draft.updates.map(({ update }) => update),
      at: draft.at,
    });
  }
  return stages;
}

function checkNames({ name, source }: DraftStage, stages: readonly string[], warehouses: readonly string[]): void {
  const checkStage = ({ text, value }: NameUse): void => {
    if (text === name) report(value, `names the Stage itself`, 'Name another Stage, upstream of it');
    else if (stages.includes(text)) return;
    else if (warehouses.includes(text)) {
      report(value, `names ${text}, which is a Warehouse and no Stage`, `Write from: ${text} without the brackets`);
    } else
      report(
        value,
        `names ${text}, which is no Stage`,
        suggestion(
          text,
          stages.filter((each) => each !== name),
        ),
      );
  };
  const checkWarehouse = ({ text, value }: NameUse): void => {
    // That there are no Warehouses at all has been said.
    if (warehouses.includes(text) || warehouses.length === 0) return;
    const isStage = stages.includes(text) && nearestName(text, warehouses) === undefined;
    if (isStage) report(value, `names ${text}, which is a Stage and no Warehouse`, `Write from: [${text}]`);
    else report(value, `names ${text}, which is no Warehouse`, suggestion(text, warehouses));
  };
  if (source?.kind === 'warehouse') checkWarehouse(source.warehouse);
  if (source?.kind === 'stages') source.stages.forEach(checkStage);
  if (source?.kind !== 'requests') return;
  const seen = new Set<string>();
  for (const { warehouse, stages: upstream } of source.requests) {
    checkWarehouse(warehouse);
    upstream.forEach(checkStage);
    if (seen.has(warehouse.text)) {
      report(warehouse.value, `requests Freight of ${warehouse.text} a second time`, 'Join the two requests');
    }
    seen.add(warehouse.text);
  }
}

function upstreamOf({ source }: DraftStage): readonly NameUse[] {
  if (source?.kind === 'stages') return source.stages;
  return source?.kind === 'requests' ? source.requests.flatMap(({ stages }) => stages) : [];
}

/** Depth first, so that each Stage comes right after what it needs. A cycle is noted once and its Stages left out. */
function upstreamFirst(drafts: readonly DraftStage[]): readonly DraftStage[] {
  const byName = new Map(drafts.map((draft) => [draft.name, draft]));
  const ordered: DraftStage[] = [];
  const state = new Map<string, 'open' | 'done' | 'cyclic'>();
  const visit = (draft: DraftStage, path: readonly string[]): boolean => {
    state.set(draft.name, 'open');
    let sound = true;
    for (const { text, value } of upstreamOf(draft)) {
      const upstream = byName.get(text);
      if (upstream === undefined || text === draft.name) continue;
      const reached = state.get(text);
      if (reached === 'open') {
        const cycle = [...path.slice(path.indexOf(text)), text].reverse();
        report(value, `closes a circle: ${cycle.join(' → ')}`, 'Let one of them take Freight from a Warehouse');
        sound = false;
      } else if (reached === undefined ? !visit(upstream, [...path, text]) : reached === 'cyclic') {
        sound = false;
      }
    }
    state.set(draft.name, sound ? 'done' : 'cyclic');
    if (sound) ordered.push(draft);
    return sound;
  };
  for (const draft of drafts) if (!state.has(draft.name)) visit(draft, [draft.name]);
  return ordered;
}

function link(
  draft: DraftStage,
  linked: Linked,
  warehouses: ReadonlyMap<string, Warehouse>,
): readonly RequestedFreight[] | undefined {
  const { source } = draft;
  if (source === undefined) return undefined;
  if (source.kind === 'warehouse') {
    const { text, value: use } = source.warehouse;
    if (!warehouses.has(text)) return undefined;
    return [{ warehouse: text, direct: true, stages: [], availability: 'OneOf', at: use.at }];
  }
  if (source.kind === 'stages') return linkUpstream(source.stages, linked);
  const requests = source.requests.filter(({ warehouse }) => warehouses.has(warehouse.text));
  const known = requests.map((request) => ({ request, stages: request.stages.filter(({ text }) => linked.has(text)) }));
  for (const { request, stages } of known) checkArrives(request, stages, linked);
  const isWhole = known.length === source.requests.length && known.length > 0;
  if (!isWhole || known.some(({ request, stages }) => stages.length < request.stages.length)) return undefined;
  return known.map(({ request, stages }) => ({
    ...request,
    warehouse: request.warehouse.text,
    stages: stages.map(({ text }) => text),
  }));
}

/** The Warehouses of the upstream Stages, each from the Stages that have it. */
function linkUpstream(uses: readonly NameUse[], linked: Linked): readonly RequestedFreight[] | undefined {
  const requests = new Map<string, RequestedFreight>();
  for (const { text, value } of uses) {
    const upstream = linked.get(text);
    if (upstream === undefined) return undefined;
    for (const { warehouse } of upstream) {
      const known = requests.get(warehouse);
      requests.set(warehouse, {
        warehouse,
        direct: false,
        stages: [...(known?.stages ?? []), text],
        availability: 'OneOf',
        at: known?.at ?? value.at,
      });
    }
  }
  return [...requests.values()];
}

function checkArrives({ warehouse }: DraftRequest, stages: readonly NameUse[], linked: Linked): void {
  for (const { text, value } of stages) {
    if (linked.get(text)?.some((each) => each.warehouse === warehouse.text)) continue;
    report(
      value,
      `names ${text}, which gets no Freight of ${warehouse.text}`,
      `Let ${text} request Freight of ${warehouse.text}, or remove it here`,
    );
  }
}

/** Two Warehouses with one repository: which digest its references got could not be told. */
function checkAmbiguity(
  draft: DraftStage,
  requests: readonly RequestedFreight[],
  warehouses: ReadonlyMap<string, Warehouse>,
): void {
  const owners = new Map<string, string>();
  for (const { warehouse } of requests) {
    for (const { repository, trackOnly } of warehouses.get(warehouse)?.subscriptions ?? []) {
      const owner = owners.get(repository);
      if (owner === undefined && !trackOnly) owners.set(repository, warehouse);
      if (owner === undefined || owner === warehouse || trackOnly) continue;
      report(
        draft.value,
        `gets ${repository} from both ${owner} and ${warehouse}`,
        'Subscribe to it in one Warehouse, or mark one subscription trackOnly',
        { at: draft.at },
      );
    }
  }
}

function checkKeyUpdates(
  draft: DraftStage,
  requests: readonly RequestedFreight[],
  warehouses: ReadonlyMap<string, Warehouse>,
): void {
  const subscriptions = requests.flatMap(({ warehouse }) => warehouses.get(warehouse)?.subscriptions ?? []);
  const writable = subscriptions.filter(({ trackOnly }) => !trackOnly).map(({ repository }) => repository);
  const seen = new Set<string>();
  for (const { update } of draft.updates) {
    if (update.kind !== 'key') continue;
    const target = JSON.stringify([update.file, update.keyPath]);
    if (seen.has(target)) {
      report(draft.value, `writes ${update.key} in ${update.file} twice`, 'Leave one of the updates', {
        at: update.at,
      });
    }
    seen.add(target);
    if (writable.includes(update.repository)) continue;
    report(
      draft.value,
      `writes ${update.image}, which is in no Freight it may write`,
      suggestion(update.image, writable),
      { at: update.at },
    );
  }
}
