import { bySeverity, type PolicyReport, type SourceOf } from '@waybill/core';
import type { GitRepository } from '@waybill/forge';
import { FILE_LIMIT, type PolicyTree } from './read-tree.js';

/** As much text as is kept for showing and repairing; a tree with findings in more than that has its first files shown. */
const TOTAL_LIMIT = 64 * 1024 * 1024;

/** The texts, as they were judged, of the files that the first `shown` findings are in, and of those with repairs. */
export async function readSources(
  git: GitRepository,
  { findings }: PolicyReport,
  tree: PolicyTree,
  shown: number,
): Promise<SourceOf> {
  const needed = [
    ...findings.toSorted(bySeverity).slice(0, shown),
    ...findings.filter(({ edits }) => edits !== undefined),
  ];
  const paths = new Set(needed.map(({ path }) => path));
  const requests = [...paths].flatMap((path) => {
    const oid = tree.oids.get(path);
    return oid === undefined ? [] : [{ key: path, oid }];
  });
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const texts = new Map<string, string>();
  let total = 0;
  for await (const blob of git.blobs(requests, FILE_LIMIT)) {
    if (blob.kind !== 'bytes') continue;
    total += blob.bytes.length;
    if (total > TOTAL_LIMIT) break;
    try {
      texts.set(blob.key, decoder.decode(blob.bytes));
    } catch {
      // Not UTF-8: it has a finding of its own, and no line to show.
    }
  }
  return (path) => texts.get(path);
}
