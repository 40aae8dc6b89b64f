import { WaybillError } from '../errors.js';
import { globMatch, globsOverlap, globWithin } from './glob.js';
import type { DraftRule } from './load-policies.js';
import { globsOf } from './lookup.js';
import { suggestion } from './names.js';
import type { Config, Floor, PolicyRule, Stage, Update } from './types.js';
import { report } from './yaml-reader.js';

/**
 * Notes where the configuration undercuts a floor: a Stage that takes Freight from elsewhere than `floor.from`, that writes
 * outside `floor.paths`, or another Stage that writes there.
 */
export function checkFloors(drafts: readonly DraftRule[], config: Config): void {
  const rules = drafts.map(({ rule }) => rule);
  for (const draft of drafts) {
    const { floor } = draft.rule.policy;
    if (floor === undefined) continue;
    checkFromNames(draft, floor, config);
    const governed = config.stages.filter(({ name }) => firstRule(rules, name) === draft.rule);
    // A rule that governs fewer Stages than it matches, or none, has been refused: checking others against it would
    // only bury that.
    const matched = config.stages.filter(({ name }) => globMatch(draft.rule.pattern, name));
    if (governed.length === 0 || governed.length < matched.length) continue;
    for (const stage of governed) checkFrom(draft, floor, stage, config);
    checkPaths(draft, floor, governed, config);
  }
}

function firstRule(rules: readonly PolicyRule[], stage: string): PolicyRule | undefined {
  return rules.find(({ pattern }) => globMatch(pattern, stage));
}

function checkFromNames({ value, rule }: DraftRule, floor: Floor, config: Config): void {
  const names = config.stages.map(({ name }) => name);
  for (const name of floor.from ?? []) {
    if (names.includes(name)) continue;
    report(value, `has a floor from ${name}, which is no Stage`, suggestion(name, names), { at: rule.at });
  }
}

function checkFrom({ rule, value }: DraftRule, floor: Floor, stage: Stage, config: Config): void {
  const { from } = floor;
  if (from === undefined) return;
  for (const { warehouse, direct, stages, at } of stage.requestedFreight) {
    const strays = stages.filter((name) => !from.includes(name));
    const taken = [
      ...(direct ? [`the Warehouse ${warehouse} directly`] : []),
      ...strays.map((name) => `Stage ${name}`),
    ];
    if (taken.length === 0) continue;
    value.reading.problems.push(
      new WaybillError('config-invalid', {
        what: `Stage ${stage.name} takes Freight from ${taken.join(' and ')}, below the floor of ${place(rule, value.reading.file)}`,
        where: at,
        remedy: `Write from: [${from.join(', ')}] in ${config.file}`,
      }),
    );
  }
}

function checkPaths({ rule, value }: DraftRule, floor: Floor, governed: readonly Stage[], config: Config): void {
  if (floor.paths.length === 0) return;
  const refuse = (update: Update, what: string, remedy: string): void => {
    value.reading.problems.push(new WaybillError('config-invalid', { what, where: update.at, remedy }));
  };
  for (const stage of config.stages) {
    for (const update of stage.updates) {
      for (const glob of globsOf(update)) {
        if (governed.includes(stage)) {
          if (globWithin(glob, floor.paths)) continue;
          refuse(
            update,
            `Stage ${stage.name} writes ${glob}, outside the floor of ${place(rule, value.reading.file)}`,
            `Stay within ${floor.paths.join(', ')}`,
          );
        } else if (floor.paths.some((path) => globsOverlap(path, glob))) {
          refuse(
            update,
            `Stage ${stage.name} writes ${glob}, which the floor of ${place(rule, value.reading.file)} keeps for ${rule.pattern}`,
            'Write a glob that shares no path with it',
          );
        }
      }
    }
  }
}

function place(rule: PolicyRule, file: string): string {
  return `${rule.pattern} (${file}:${rule.at.line})`;
}
