import { applyEdits, type Edit } from '../yaml/edit.js';
import { decodeUtf8, scanText, verifyEdit } from '../yaml/index.js';
import { composeSplices, type Splice, splicesOf } from './compose.js';
import { type FindingDraft, toFinding } from './draft.js';
import { exceptionFor } from './exceptions.js';
import type { Finding } from './finding.js';
import { inspect, judge, type PolicyInput } from './judge.js';
import { pinRepair } from './pin.js';
import type { PolicyFile } from './read-files.js';
import { scopeOf } from './scopes.js';

/** An image whose digest somebody has to look up, by the tag that stands there. */
export interface DigestQuestion {
  /** Normalised. */
  readonly repository: string;
  /** `latest` where none stands. */
  readonly tag: string;
}

/** The digest that the tag resolves to, or the one to take from upstream; undefined when it can't be told. */
export type DigestLookup = (question: DigestQuestion) => string | undefined;

export interface MendedFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** In order; every other byte is as it was. */
  readonly splices: readonly Splice[];
}

export interface Fixes {
  /** By path. */
  readonly files: readonly MendedFile[];
  /** What is still found afterwards, each with why it was not mended. */
  readonly left: readonly Finding[];
}

/** One mended finding can uncover another: a lower-cased digest, then its tag. More rounds than that mean a defect. */
const MAX_ROUNDS = 5;

/** What has to be looked up to mend what lacks a digest, each once. */
export function digestQuestions(input: PolicyInput): readonly DigestQuestion[] {
  const questions = new Map<string, DigestQuestion>();
  for (const draft of openDrafts(input)) {
    const question = questionOf(draft);
    if (question !== undefined) questions.set(`${question.repository}:${question.tag}`, question);
  }
  return [...questions.values()];
}

/**
 * The smallest edits that mend the findings of a tree, as far as it can be done without guessing. Mending what is mended
 * changes nothing. Files given as scans alone are not mended.
 */
export function fixTree(input: PolicyInput, lookup: DigestLookup): Fixes {
  let files: readonly PolicyFile[] = [...input.files];
  const texts = new Map<string, string>();
  const fixed = new Map<string, { before: string; splices: readonly Splice[] }>();
  const failed = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const edits = plannedEdits({ ...input, files }, lookup);
    let changed = false;
    for (const file of files) {
      const planned = edits.get(file.path);
      const before = texts.get(file.path) ?? ('bytes' in file ? decodeUtf8(file.bytes) : undefined);
      if (planned === undefined || before === undefined || failed.has(file.path)) continue;
      const after = applyEdits(before, planned);
      if (isYaml(file.path) && verifyEdit(before, after, planned) !== undefined) {
        failed.add(file.path);
        continue;
      }
      const known = fixed.get(file.path);
      const splices = splicesOf(planned);
      fixed.set(file.path, {
        before: known?.before ?? before,
        splices: known === undefined ? splices : composeSplices(known.splices, splices),
      });
      texts.set(file.path, after);
      changed = true;
    }
    if (!changed) break;
    files = files.map((file) => rescanned(file, texts, input));
  }
  return {
    files: [...fixed].map(([path, { before, splices }]) => ({
      path,
      before,
      after: texts.get(path) ?? before,
      splices,
    })),
    left: judge({ ...input, files }).findings,
  };
}

/** A Dockerfile's words are replaced where they stand; of YAML the result is parsed again, and has to differ there only. */
function isYaml(path: string): boolean {
  return scopeOf(path) !== 'dockerfile';
}

function rescanned(file: PolicyFile, texts: ReadonlyMap<string, string>, { settings }: PolicyInput): PolicyFile {
  const text = texts.get(file.path);
  if (text === undefined) return file;
  if ('bytes' in file) return { path: file.path, bytes: new TextEncoder().encode(text) };
  return { path: file.path, scan: scanText({ path: file.path, text }, { fields: settings.policy.fields }) };
}

/** The edits of one round, by path; of two for the same place the first. */
function plannedEdits(input: PolicyInput, lookup: DigestLookup): ReadonlyMap<string, readonly Edit[]> {
  const planned = new Map<string, Edit[]>();
  for (const draft of openDrafts(input)) {
    const repair = repairOf(draft, input, lookup);
    if (typeof repair === 'string') continue;
    const edits = planned.get(draft.path) ?? [];
    if (!repair.some((edit) => edits.some((each) => touches(each, edit)))) edits.push(...repair);
    planned.set(draft.path, edits);
  }
  for (const [path, edits] of planned) if (edits.length === 0) planned.delete(path);
  return planned;
}

function repairOf(draft: FindingDraft, { settings }: PolicyInput, lookup: DigestLookup): readonly Edit[] | string {
  const question = questionOf(draft);
  if (question === undefined || draft.lacksDigest === undefined) return draft.repair;
  const digest = lookup(question);
  return digest === undefined ? draft.repair : pinRepair(draft.lacksDigest, digest, settings);
}

function questionOf({ lacksDigest }: FindingDraft): DigestQuestion | undefined {
  if (lacksDigest === undefined) return undefined;
  const { repository, tag, implicit } = lacksDigest.effective;
  // What a chart makes of an empty tag is not for us to say.
  if (repository === undefined || implicit) return undefined;
  return { repository, tag: tag ?? 'latest' };
}

/** The drafts that become findings which nothing excuses; those that write a digest first. */
function openDrafts(input: PolicyInput): readonly FindingDraft[] {
  const { settings, now, baseline } = input;
  const open = inspect(input).drafts.filter((draft) => {
    const finding = toFinding(draft, settings);
    if (finding === undefined || exceptionFor(finding, settings, now) !== undefined) return false;
    return baseline === undefined || !baseline.counts.has(finding.fingerprint);
  });
  return [
    ...open.filter(({ lacksDigest }) => lacksDigest !== undefined),
    ...open.filter(({ lacksDigest }) => lacksDigest === undefined),
  ];
}

function touches(left: Edit, right: Edit): boolean {
  return left.range[0] <= right.range[1] && right.range[0] <= left.range[1];
}
