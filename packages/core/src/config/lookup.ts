import { globMatch } from './glob.js';
import { isProtectedPath } from './protected-paths.js';
import type { Config, Policies, Stage, StagePolicy, Update } from './types.js';

const NOTHING_GRANTED: StagePolicy = { autoPromotion: 'off', autoMerge: false };

/** What the policies say of a Stage: the first rule whose pattern matches its name; nothing is granted without one. */
export function policyFor(policies: Policies, stage: string): StagePolicy {
  return policies.rules.find(({ pattern }) => globMatch(pattern, stage))?.policy ?? NOTHING_GRANTED;
}

/** The Stage of that name. */
export function stageNamed(config: Config, name: string): Stage | undefined {
  return config.stages.find((stage) => stage.name === name);
}

/** The globs of all that a Stage may write, plain paths of single values among them. */
export function writableGlobs(stage: Stage): readonly string[] {
  return stage.updates.flatMap(globsOf);
}

/** Whether a Stage may write the path: one of its globs matches, and the path is not protected. */
export function mayWrite(stage: Stage, path: string): boolean {
  return !isProtectedPath(path) && writableGlobs(stage).some((glob) => globMatch(glob, path));
}

/** Whether a repository, normalised, is ours to write. */
export function isFirstParty(config: Config, repository: string): boolean {
  return config.firstParty.some((pattern) => globMatch(pattern, repository));
}

/** The globs that one update writes. */
export function globsOf(update: Update): readonly string[] {
  return update.kind === 'images' ? update.globs : [update.file];
}
