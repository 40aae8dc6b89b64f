import {
  type DigestLookup,
  digestQuestions,
  type FindingDraft,
  judgeOnline,
  type OnlineFact,
  type OnlineQuestion,
  onlineQuestions,
  type PolicyInput,
  type PolicySettings,
  parseReference,
  type Registry,
  type Resolution,
  WaybillErrors,
} from '@waybill/core';
import type { PolicyTree } from './read-tree.js';

export interface OnlineVerdict {
  readonly drafts: readonly FindingDraft[];
  /** Hosts that were not asked, because the policies don't name them. */
  readonly refused: readonly string[];
}

/**
 * What the registries say of a tree's pinned images. Only those that the policies name are asked (threat model, row 14).
 * @throws WaybillErrors of registry-denied, registry-unavailable and the like: a check that could not look fails
 */
export async function judgeByRegistry(
  registry: Registry,
  tree: PolicyTree,
  settings: PolicySettings,
): Promise<OnlineVerdict> {
  const { questions, refused } = onlineQuestions(tree.files, settings, tree.paths);
  const facts = await ask(registry, questions);
  return { drafts: judgeOnline(tree.files, facts, settings, tree.paths), refused };
}

async function ask(registry: Registry, questions: readonly OnlineQuestion[]): Promise<readonly OnlineFact[]> {
  const byDigest = ({ repository, digest }: OnlineQuestion) => `${repository}@${digest}`;
  const byTag = ({ repository, tag }: OnlineQuestion) => (tag === undefined ? '' : `${repository}:${tag}`);
  const names = questions.flatMap((question) => [byDigest(question), byTag(question)]).filter((name) => name !== '');
  const answers = await resolveEach(registry, names);
  return questions.map((question) => {
    const found = answers.get(byDigest(question));
    const tagged = answers.get(byTag(question));
    return {
      ...question,
      exists: found?.kind === 'resolved',
      ...(tagged?.kind === 'resolved' ? { tagDigest: tagged.image.digest } : {}),
      // A single manifest that was not asked for its platform says none; that is not the same as having none.
      ...(found?.kind === 'resolved' && found.image.platforms.length > 0 ? { platforms: found.image.platforms } : {}),
    };
  });
}

/**
 * The digests that tags point at, for repairs. A tag that isn't there, or whose registry may not be asked, has none.
 * @throws WaybillErrors as `judgeByRegistry`
 */
export async function lookUpDigests(registry: Registry, input: PolicyInput): Promise<DigestLookup> {
  const { registries } = input.settings.policy;
  const nameOf = ({ repository, tag }: { readonly repository: string; readonly tag: string }) => `${repository}:${tag}`;
  const names = digestQuestions(input)
    .map(nameOf)
    .filter((name) => registries.includes(parseReference(name).domain));
  const answers = await resolveEach(registry, names);
  return (question) => {
    const answer = answers.get(nameOf(question));
    return answer?.kind === 'resolved' ? answer.image.digest : undefined;
  };
}

async function resolveEach(registry: Registry, names: readonly string[]): Promise<ReadonlyMap<string, Resolution>> {
  const distinct = [...new Set(names)];
  const resolutions = await registry.resolve(
    distinct.map((name) => parseReference(name)),
    { labels: true },
  );
  const [first, ...others] = resolutions.flatMap((resolution) =>
    resolution.kind === 'failed' ? [resolution.error] : [],
  );
  if (first !== undefined) throw new WaybillErrors([first, ...others]);
  return new Map(
    distinct.flatMap((name, index) => {
      const resolution = resolutions[index];
      return resolution === undefined ? [] : [[name, resolution] as const];
    }),
  );
}
