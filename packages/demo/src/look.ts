import type { Bed } from '@waybill/testbed';

/** What the demo reads of the ledger's `state.json`. */
export interface LedgerView {
  readonly freight: Readonly<Record<string, { readonly freight: LedgerFreight }>>;
  readonly stages: Readonly<Record<string, Readonly<Record<string, StageView>>>>;
}

export interface LedgerFreight {
  readonly id: string;
  readonly alias: string;
  readonly images: readonly { readonly repoURL: string; readonly tag: string; readonly digest: string }[];
}

interface StageView {
  readonly current?: {
    readonly freight: string;
    readonly promotion?: string;
    readonly commit?: string;
    readonly pullRequest?: number;
  };
  readonly hold?: { readonly author: string; readonly commit?: string };
}

export async function ledgerState(bed: Bed): Promise<LedgerView> {
  const text = await bed.github.readText(bed.repository, 'waybill/ledger', 'state.json');
  if (text === undefined) throw new Error('There is no ledger');
  return JSON.parse(text) as LedgerView;
}

/** The one entry of the history that the demo reads. */
export interface EndedEntry {
  readonly kind: string;
  readonly outcome: string;
  readonly promotion: string;
  readonly stage: string;
  readonly freight: string;
  readonly commit: string;
  readonly pullRequest: number;
}

/** All entries of the ledger's history, oldest first. */
export async function ledgerHistory(bed: Bed): Promise<readonly EndedEntry[]> {
  const head = (await bed.github.resolveRef(bed.repository, 'waybill/ledger')) ?? '';
  const paths = [...(await bed.github.listFiles(bed.repository, head, 'history'))].sort();
  const files = await Promise.all(paths.map((path) => bed.github.readText(bed.repository, head, path)));
  return files.flatMap((text) => (JSON.parse(text ?? '{"entries":[]}') as { entries: EndedEntry[] }).entries);
}

/** The texts of the files below a folder of the default branch. */
export async function filesBelow(bed: Bed, folder: string): Promise<Readonly<Record<string, string>>> {
  const head = (await bed.github.resolveRef(bed.repository, 'main')) ?? '';
  const paths = await bed.github.listFiles(bed.repository, head, folder);
  const texts = await Promise.all(
    paths.map(async (path) => [path, (await bed.github.readText(bed.repository, head, path)) ?? ''] as const),
  );
  return Object.fromEntries(texts);
}

/** The digest of each of our images in a Stage's files. */
export async function pinnedDigests(bed: Bed, stage: string): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const text of Object.values(await filesBelow(bed, `sources/values/env/${stage}`))) {
    for (const [, repository = '', digest = ''] of text.matchAll(
      /(ghcr\.io\/ameideio\/[a-z]+)@(sha256:[0-9a-f]{64})/g,
    )) {
      digests.set(repository, digest);
    }
  }
  return digests;
}

/** The lines that differ, as a short diff: the edits change values and never add or remove lines. */
export function changedLines(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string {
  return Object.entries(after)
    .flatMap(([path, text]) => {
      const old = (before[path] ?? '').split('\n');
      const lines = text
        .split('\n')
        .flatMap((line, index) => (line === old[index] ? [] : [`- ${old[index] ?? ''}`, `+ ${line}`]));
      return lines.length === 0 ? [] : [path, ...lines.map((line) => `  ${line}`)];
    })
    .join('\n');
}
