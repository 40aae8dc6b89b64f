import type { Bed, PullRequest, WorkflowRun } from '@waybill/testbed';
import { changedLines, filesBelow, type LedgerFreight, ledgerHistory, ledgerState, pinnedDigests } from './look.js';
import type { Narrator } from './narrate.js';

/** What the story leaves behind, for `--keep`. */
export interface Outcome {
  readonly freight: LedgerFreight;
  readonly promotions: readonly PromotionRecord[];
  readonly proof: string;
}

export interface PromotionRecord {
  readonly name: string;
  readonly stage: string;
  readonly freight: string;
  readonly commit: string;
  readonly pullRequest: number;
}

/** The main job: a push to the registry, local and dev by themselves, staging and production by promotion. */
export async function liveTheStory(bed: Bed, tell: Narrator): Promise<Outcome> {
  tell.step('The first run adopts what is there');
  await bed.push(1);
  expectSuccess(await bed.reconcile());
  tell.say('Every Stage runs images pinned by hand. Each set becomes Freight marked "found": a rollback target there.');

  tell.step('CI pushes new images to :main');
  await bed.push(2);
  const beforeDev = await filesBelow(bed, 'sources/values/env/dev');
  expectSuccess(await announce(bed));
  tell.say(
    'The push wakes a listener, it dispatches reconcile: Freight is assembled, local and dev get pull requests.',
  );
  tell.say('They merge by themselves once the required check has passed.');
  for (const pull of merged(bed)) tell.say(`  #${pull.number} ${pull.title} (merged)`);
  tell.show('What changed in dev', changedLines(beforeDev, await filesBelow(bed, 'sources/values/env/dev')));
  const freight = await freightOf(bed, 'dev');
  const devGot = await pinnedDigests(bed, 'dev');

  tell.step(`A person promotes ${freight.alias} to staging`);
  const staging = await promote(bed, tell, 'staging', freight);
  tell.show(`Pull request #${staging.number}: ${staging.title}`, staging.body);
  await approveAndMerge(bed, tell, staging);

  tell.step('Meanwhile :main moves on');
  await bed.push(3, ['api', 'web']);
  expectSuccess(await announce(bed));
  const newer = await freightOf(bed, 'dev');
  tell.say(`local and dev have ${short(newer)} by now; staging stays at ${short(freight)}.`);

  tell.step('The same Freight goes to production');
  const production = await promote(bed, tell, 'production', undefined);
  await approveAndMerge(bed, tell, production);
  const productionGot = await pinnedDigests(bed, 'production');
  const proof = prove(freight, devGot, productionGot);
  tell.say(`Production carries the digests that dev got, though :main points elsewhere.`);

  tell.step('Someone reverts a file of dev by hand');
  const path = 'sources/values/env/dev/apps/api.yaml';
  await bed.github.commitAs(
    'alice',
    bed.repository,
    'revert-api',
    { [path]: beforeDev[path] ?? '' },
    'Revert the API in dev',
  );
  const revert = await bed.github.openPullRequest('alice', bed.repository, {
    title: 'Revert the API in dev',
    head: 'revert-api',
  });
  expectSuccess(await settled(bed));
  await bed.github.mergePullRequest(bed.repository, revert.number, 'alice');
  expectSuccess(await settled(bed));
  const held = (await ledgerState(bed)).stages.dev?.platform?.hold;
  if (held === undefined) throw new Error('The change by hand was not noticed');
  tell.say(
    `dev is held: ${held.author} changed it in ${(held.commit ?? '').slice(0, 7)}. Nothing overwrites that until someone promotes again.`,
  );

  tell.step('The board');
  tell.show(
    'README.md of waybill/ledger',
    (await bed.github.readText(bed.repository, 'waybill/ledger', 'README.md')) ?? '',
  );
  return { freight, promotions: await promotionRecords(bed), proof };
}

/** GHCR's push webhook, once for each manifest as GitHub raises it; the listener answers the one that the tag names. */
async function announce(bed: Bed): Promise<readonly WorkflowRun[]> {
  const before = bed.runner.runs.length;
  for (const tag of ['', '', 'main']) {
    await bed.github.registryPackage({
      repository: bed.repository,
      name: 'api',
      tag,
      digest: `sha256:${'0'.repeat(64)}`,
      login: 'alice',
    });
  }
  await bed.runner.idle();
  return bed.runner.runs.slice(before);
}

async function settled(bed: Bed): Promise<readonly WorkflowRun[]> {
  const before = bed.runner.runs.length;
  await bed.runner.idle();
  return bed.runner.runs.slice(before);
}

async function promote(
  bed: Bed,
  tell: Narrator,
  stage: string,
  freight: LedgerFreight | undefined,
): Promise<PullRequest> {
  const run = await bed.promote('alice', {
    stage,
    freight: freight?.alias ?? '',
    reason: `weekly release to ${stage}`,
  });
  expectSuccess([run]);
  const pull = bed.github
    .pullRequests(bed.repository)
    .find((one) => one.state === 'open' && one.title.startsWith(stage));
  if (pull === undefined) throw new Error(`No pull request to ${stage} was opened`);
  tell.say(`alice asks for ${stage}; pull request #${pull.number} is open: ${pull.title}`);
  return pull;
}

async function approveAndMerge(bed: Bed, tell: Narrator, pull: PullRequest): Promise<void> {
  await bed.github.approve(bed.repository, pull.number, 'bob');
  const commit = await bed.github.mergePullRequest(bed.repository, pull.number, 'bob');
  expectSuccess(await settled(bed));
  tell.say(`bob approves and merges #${pull.number} as ${commit.slice(0, 7)}; reconcile notes the landing.`);
}

function merged(bed: Bed): readonly PullRequest[] {
  return bed.github.pullRequests(bed.repository).filter((pull) => pull.merged);
}

async function freightOf(bed: Bed, stage: string): Promise<LedgerFreight> {
  const state = await ledgerState(bed);
  const id = state.stages[stage]?.platform?.current?.freight;
  const record = id === undefined ? undefined : state.freight[id];
  if (record === undefined) throw new Error(`${stage} has no Freight`);
  return record.freight;
}

/** @throws Error when production does not have the very digests that dev had */
function prove(
  freight: LedgerFreight,
  devGot: ReadonlyMap<string, string>,
  productionGot: ReadonlyMap<string, string>,
): string {
  for (const image of freight.images) {
    const digest = productionGot.get(image.repoURL);
    if (digest === undefined) continue;
    if (digest !== image.digest || devGot.get(image.repoURL) !== digest) {
      throw new Error(`${image.repoURL} in production is ${digest}, in the Freight ${image.digest}`);
    }
  }
  return `PROOF: production runs ${productionGot.size} images by the exact digests of Freight ${freight.id} (${freight.alias}) that dev ran first.`;
}

/** Every Promotion that landed, oldest first, as the ledger's history has it. */
async function promotionRecords(bed: Bed): Promise<readonly PromotionRecord[]> {
  return (await ledgerHistory(bed)).flatMap((entry) => {
    if (entry.kind !== 'promotion-ended' || entry.outcome !== 'landed') return [];
    const { promotion: name, stage, freight, commit, pullRequest } = entry;
    return [{ name, stage, freight, commit, pullRequest }];
  });
}

/** Coalescing cancels runs on purpose; anything else that is no success ends the story with its log. */
function expectSuccess(runs: readonly WorkflowRun[]): void {
  for (const run of runs) {
    if (run.conclusion === 'success' || run.conclusion === 'cancelled' || run.conclusion === 'skipped') continue;
    const log = run.jobs.flatMap((job) => job.log).join('\n');
    throw new Error(`${run.workflow.path} ended as ${run.conclusion ?? run.status}: ${run.problem ?? ''}\n${log}`);
  }
}

function short(freight: LedgerFreight): string {
  return `${freight.id.slice(0, 7)} (${freight.alias})`;
}
