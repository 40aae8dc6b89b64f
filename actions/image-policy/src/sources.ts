import { bySeverity, type PolicyFile, type PolicyReport, type SourceOf } from '@waybill/core';
import type { GitRepository } from '@waybill/forge';
import { FILE_LIMIT, type PolicyTree } from './read-tree.js';

/** As much text as is kept for showing and repairing; a tree with findings in more than that has its first files shown. */
const TOTAL_LIMIT = 64 * 1024 * 1024;

/** The texts, as they were judged, of the files that the first `shown` findings are in, and of the first `mended` with repairs. */
export async function readSources(
  git: GitRepository,
  { findings }: PolicyReport,
  tree: PolicyTree,
  { shown, mended }: { readonly shown: number; readonly mended: number },
): Promise<SourceOf> {
  const repaired = new Set(findings.filter(({ edits }) => edits !== undefined).map(({ path }) => path));
  const first = findings.toSorted(bySeverity).slice(0, shown);
  const paths = new Set([...first.map(({ path }) => path), ...[...repaired].slice(0, mended)]);
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

/** The files of a tree, those with a source as bytes again: only these can be mended. */
export function withSources(files: readonly PolicyFile[], sourceOf: SourceOf): readonly PolicyFile[] {
  const encoder = new TextEncoder();
  return files.map((file) => {
    const text = sourceOf(file.path);
    return text === undefined ? file : { path: file.path, bytes: encoder.encode(text) };
  });
}
