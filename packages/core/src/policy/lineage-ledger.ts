import type { Config, RequestedFreight, Stage } from '../config/types.js';
import type { FreightImage } from '../freight/types.js';
import { shortDigest } from '../image/digest.js';
import { parseReference } from '../image/reference.js';
import { type FreightRecord, type LedgerState, stageRecord } from '../ledger/state.js';
import { availability, freightOf } from '../stage/availability.js';
import { compareWithFreight } from '../stage/runs.js';
import type { StageTree } from '../stage/tree.js';
import { type FindingDraft, regionOf } from './draft.js';
import { lineageDraft } from './lineage.js';
import type { RuleId } from './rules.js';
import { digestHolder, type Standing } from './standings.js';

/** What lineage with a ledger is told from. */
export interface LedgerLineage {
  readonly config: Config;
  readonly state: LedgerState;
  /** The Stages' files at the commit that the change is based on, and after it; a Stage in both. */
  readonly stages: readonly { readonly base: StageTree; readonly head: StageTree }[];
  /** Freight that people rejected, by ID, and what they said. */
  readonly rejected?: ReadonlyMap<string, string>;
  /** Whether the images of one Freight may be taken one by one. */
  readonly mixed: 'refused' | 'allowed';
  readonly now: Date;
}

/**
 * Rule 4 where there is a ledger: what a Stage would have of each Warehouse after the change is mapped to Freight, and
 * `availability` says whether the Stage may have it. What the change leaves as it is is not judged again.
 */
export function judgeLedgerLineage(lineage: LedgerLineage): readonly FindingDraft[] {
  return lineage.stages.flatMap(({ base, head }) =>
    head.stage.requestedFreight.flatMap((request) => judgeRequest(lineage, base, head, request)),
  );
}

function judgeRequest(
  lineage: LedgerLineage,
  base: StageTree,
  head: StageTree,
  request: RequestedFreight,
): readonly FindingDraft[] {
  const { config, state, mixed } = lineage;
  const warehouse = config.warehouses.get(request.warehouse);
  const repositories = new Set(warehouse?.subscriptions.map(({ repository }) => repository));
  const before = new Set(standingsIn(base, repositories).map(keyOf));
  const changed = standingsIn(head, repositories).filter((standing) => !before.has(keyOf(standing)));
  if (changed.length === 0) return [];
  const records = freightOf(state, request.warehouse);
  const holding = records.filter(({ freight }) => compareWithFreight(head, freight).holds);
  if (holding.length > 0) return judgeFreight(lineage, head.stage, request, holding, changed);
  const unknown = changed.filter((standing) => !records.some((record) => holds(record, standing)));
  if (unknown.length > 0) {
    return unknown.map((standing) => {
      const reason = `${shortDigest(standing.digest)} is in no Freight of Warehouse ${request.warehouse}, so nothing before ${head.stage.name} has had it`;
      return lineageDraft('lineage-unknown', standing, reason);
    });
  }
  if (mixed === 'refused') return judgeMixed(head, request, records, changed);
  return changed.flatMap((standing) =>
    judgeFreight(
      lineage,
      head.stage,
      request,
      records.filter((record) => holds(record, standing)),
      [standing],
    ),
  );
}

/** Some Freight among those that fit must be available and no step back. The newest speaks for all when none is. */
function judgeFreight(
  lineage: LedgerLineage,
  stage: Stage,
  request: RequestedFreight,
  fitting: readonly FreightRecord[],
  changed: readonly Standing[],
): readonly FindingDraft[] {
  const faults = fitting.map((record) => faultOf(lineage, stage, request, record));
  const [fault] = faults;
  if (fault === undefined || faults.some((each) => each === undefined)) return [];
  return changed.map((standing) => lineageDraft(fault.rule, standing, fault.reason));
}

interface Fault {
  readonly rule: RuleId;
  readonly reason: string;
}

function faultOf(
  { config, state, rejected, now }: LedgerLineage,
  stage: Stage,
  request: RequestedFreight,
  record: FreightRecord,
): Fault | undefined {
  const { freight } = record;
  const named = `Freight ${freight.alias}`;
  const why = rejected?.get(freight.id);
  if (why !== undefined) return { rule: 'lineage-rejected', reason: `${named} was rejected: ${why}` };
  const answer = availability(record, stage, state, now);
  if (!answer.available) {
    const soaks = request.stages.some((name) => record.verifiedIn[name] !== undefined) && freight.found === undefined;
    const chain = chainOf(config, stage, request.warehouse, record);
    const reason = `${named} is not available to ${stage.name}: ${answer.why} (${chain})`;
    return { rule: soaks ? 'lineage-unsoaked' : 'lineage-unverified', reason };
  }
  const { current, open } = stageRecord(state, stage.name, request.warehouse);
  const having = current === undefined ? undefined : state.freight[current.freight]?.freight;
  if (having === undefined || having.id === freight.id || open?.freight === freight.id) return undefined;
  if (freight.discoveredAt >= having.discoveredAt) return undefined;
  const reason = `${named} is older than ${having.alias}, which ${stage.name} has, and no rollback to it is recorded`;
  return { rule: 'lineage-downgrade', reason };
}

/** `dev verified → staging not verified → production`: how far a Freight has come on its way to the Stage. */
function chainOf(config: Config, stage: Stage, warehouse: string, { verifiedIn }: FreightRecord): string {
  const above = new Set<string>();
  const pending = [stage.name];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const found = config.stages.find((each) => each.name === name);
    for (const upstream of found?.requestedFreight.find((each) => each.warehouse === warehouse)?.stages ?? []) {
      if (above.has(upstream)) continue;
      above.add(upstream);
      pending.push(upstream);
    }
  }
  const steps = config.stages
    .filter(({ name }) => above.has(name))
    .map(({ name }) => `${name} ${verifiedIn[name] === undefined ? 'not verified' : 'verified'}`);
  return [...steps, stage.name].join(' → ');
}

function judgeMixed(
  head: StageTree,
  request: RequestedFreight,
  records: readonly FreightRecord[],
  changed: readonly Standing[],
): readonly FindingDraft[] {
  return changed.map((standing) => {
    const [record] = records.filter((each) => holds(each, standing));
    const named = record === undefined ? 'a Freight' : `Freight ${record.freight.alias}`;
    const differing = record === undefined ? [] : compareWithFreight(head, record.freight).differing;
    const related = differing.slice(0, 10).map(({ file, site }) => {
      const what = `not of ${named}: ${site.digest === undefined ? 'not pinned' : shortDigest(site.digest)}`;
      return { path: file.path, line: site.line, column: site.column, what };
    });
    const reason = `${shortDigest(standing.digest)} is of ${named} of Warehouse ${request.warehouse}, and other images of it in ${head.stage.name} are not`;
    return lineageDraft('lineage-mixed', standing, reason, related);
  });
}

function holds({ freight }: FreightRecord, { repository, digest }: Standing): boolean {
  return freight.images.some((image) => image.digest === digest && repositoryOf(image) === repository);
}

function repositoryOf({ repoURL }: FreightImage): string {
  return parseReference(repoURL).repository;
}

function standingsIn(tree: StageTree, repositories: ReadonlySet<string>): readonly Standing[] {
  return tree.files.flatMap(({ path, scan }) =>
    scan.references.flatMap((site) => {
      const { document, keyPath, repository, digest } = site;
      if (repository === undefined || digest === undefined || !repositories.has(repository)) return [];
      return [{ path, document, keyPath, region: regionOf(digestHolder(site)), repository, digest }];
    }),
  );
}

function keyOf({ path, document, keyPath, repository, digest }: Standing): string {
  return JSON.stringify([path, document, keyPath, repository, digest]);
}
