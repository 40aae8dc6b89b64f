import { isDigest, shortDigest } from '../image/digest.js';
import { familiarRepository, parseReference } from '../image/reference.js';
import { type FindingDraft, regionOf } from './draft.js';
import { layerFinder } from './layer-finder.js';
import { joinLayers } from './layers.js';
import { type PolicyFile, readFiles } from './read-files.js';
import type { RuleId } from './rules.js';
import type { PolicySettings } from './settings.js';
import { digestHolder } from './standings.js';

/** A question to a registry about one pinned image. Tags only where one stands beside the digest. */
export interface OnlineQuestion {
  /** Normalised. */
  readonly repository: string;
  readonly digest: string;
  readonly tag?: string;
}

/** What a registry said of it. */
export interface OnlineFact extends OnlineQuestion {
  /** Whether the repository has a manifest of that digest. */
  readonly exists: boolean;
  /** What the tag points at now; absent when there is no such tag, or none was asked for. */
  readonly tagDigest?: string;
  /** The index that lists this digest as one platform's manifest, and the platform. */
  readonly childOf?: { readonly digest: string; readonly platform: string };
  /** `os/arch[/variant]` of the image or its index. */
  readonly platforms?: readonly string[];
}

/**
 * What may be asked about the images of a tree: those of the registries that the policies name, each once. The rest is
 * not checked online (threat model, row 14): no file of a change decides whom a runner contacts.
 */
export function onlineQuestions(
  files: Iterable<PolicyFile>,
  settings: PolicySettings,
  treePaths: Iterable<string> = [],
): { readonly questions: readonly OnlineQuestion[]; readonly refused: readonly string[] } {
  const questions = new Map<string, OnlineQuestion>();
  const refused = new Set<string>();
  for (const { question } of pinnedImages(files, settings, treePaths)) {
    const { domain } = parseReference(question.repository);
    if (settings.policy.registries.includes(domain)) questions.set(keyOf(question), question);
    else refused.add(domain);
  }
  return { questions: [...questions.values()], refused: [...refused].sort() };
}

/** The findings that facts about the images of a tree make. Images without a fact are not judged. */
export function judgeOnline(
  files: Iterable<PolicyFile>,
  facts: readonly OnlineFact[],
  settings: PolicySettings,
  treePaths: Iterable<string> = [],
): readonly FindingDraft[] {
  const known = new Map(facts.map((fact) => [keyOf(fact), fact]));
  return pinnedImages(files, settings, treePaths).flatMap(({ site, question }) => {
    const fact = known.get(keyOf(question));
    const fault = fact === undefined ? undefined : faultOf(fact, settings);
    if (fault === undefined) return [];
    const { path, document, keyPath } = site;
    const { repository, digest, tag } = question;
    const name = familiarRepository(repository);
    const draft: FindingDraft = {
      rule: fault.rule,
      path,
      document,
      keyPath,
      region: regionOf(digestHolder(site)),
      current: `${name}${tag === undefined ? '' : `:${tag}`}@${digest}`,
      ...(fault.expected === undefined ? {} : { expected: `${name}@${fault.expected}` }),
      reason: fault.reason,
      repository,
      repair: 'which image was meant is for a person to say',
    };
    return [draft];
  });
}

interface Fault {
  readonly rule: RuleId;
  readonly reason: string;
  readonly expected?: string;
}

function faultOf(fact: OnlineFact, { policy }: PolicySettings): Fault | undefined {
  const { digest, tag, exists, tagDigest, childOf, platforms } = fact;
  const short = shortDigest(digest);
  if (!exists) return { rule: 'digest-not-found', reason: `the registry has no ${short} in this repository` };
  if (childOf !== undefined) {
    const reason = `${short} is only ${childOf.platform} of the index ${shortDigest(childOf.digest)}`;
    return { rule: 'platform-child', reason, expected: childOf.digest };
  }
  if (tag !== undefined && tagDigest !== undefined && tagDigest !== digest) {
    const reason = `the tag ${JSON.stringify(tag)} points at ${shortDigest(tagDigest)}, not at ${short}`;
    return { rule: 'tag-digest-mismatch', reason };
  }
  const missing = platforms === undefined ? [] : policy.platforms.filter((each) => !platforms.includes(each));
  if (missing.length === 0) return undefined;
  return { rule: 'platform-missing', reason: `the image is not there for ${missing.join(', ')}` };
}

function pinnedImages(files: Iterable<PolicyFile>, settings: PolicySettings, treePaths: Iterable<string>) {
  const paths = new Set(treePaths);
  const { scans } = readFiles(files, settings, paths);
  return joinLayers(scans, paths, layerFinder(paths, settings)).flatMap(({ site, effective }) => {
    const { repository, digest, tag, unresolved } = effective;
    if (repository === undefined || digest === undefined || unresolved || !isDigest(digest)) return [];
    return [{ site, question: { repository, digest, ...(tag === undefined ? {} : { tag }) } }];
  });
}

function keyOf({ repository, digest, tag = '' }: OnlineQuestion): string {
  return `${repository}:${tag}@${digest}`;
}
