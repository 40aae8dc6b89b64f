import type { PolicyReport, SourceOf } from '@waybill/core';
import type { GitRepository } from '@waybill/forge';
import { FILE_LIMIT, type PolicyTree } from './read-tree.js';

/** As much text as is kept for showing and repairing; a tree with findings in more than that has its first files shown. */
const TOTAL_LIMIT = 64 * 1024 * 1024;

/** The texts of the files with findings, as they were judged. */
export async function readSources(git: GitRepository, report: PolicyReport, tree: PolicyTree): Promise<SourceOf> {
  const paths = new Set(report.findings.map(({ path }) => path));
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
