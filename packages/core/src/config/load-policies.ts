import type { WaybillError } from '../errors.js';
import { checkFloors } from './check-floor.js';
import { globMatch } from './glob.js';
import { parseGlob } from './glob-syntax.js';
import { checkApiVersion } from './load-config.js';
import { suggestion } from './names.js';
import { readImages } from './read-images.js';
import { readGlob } from './read-stage.js';
import type { Config, ConfigFile, Floor, Policies, PolicyRule, StagePolicy } from './types.js';
import {
  type Fields,
  type NamedValue,
  readBoolean,
  readChoice,
  readEntries,
  readFields,
  readList,
  readString,
  readYaml,
  report,
  reportCause,
  throwProblems,
  type Value,
} from './yaml-reader.js';

/** A rule, with the values its floor was read from. */
export interface DraftRule {
  readonly rule: PolicyRule;
  readonly value: Value;
}

const STAGE_PATTERN = /^[-a-z0-9*?{},]+$/;
const LATER = 'Remove it until it is: what the file says must be what holds';
const POLICIES_UNSUPPORTED = new Map(['freezes', 'statuses'].map((field) => [field, LATER]));
const POLICY_UNSUPPORTED = new Map(
  ['promoters', 'approvals', 'requiredSoakTime', 'verifications'].map((field) => [field, LATER]),
);
const FLOOR_UNSUPPORTED = new Map(['requiredSoakTime', 'verifications'].map((field) => [field, LATER]));

/**
 * `waybill.policies.yaml`, checked, and the configuration checked against its floors. Without the file nothing is
 * granted, and nothing is demanded.
 * @throws WaybillErrors of config-invalid and not-supported: all that is wrong, each with its place in its file
 */
export function loadPolicies(file: ConfigFile | undefined, config: Config): Policies {
  if (file === undefined) return { rules: [] };
  const problems: WaybillError[] = [];
  const root = readYaml(file, problems);
  const fields = root === undefined ? undefined : readSections(root);
  const drafts = fields === undefined ? [] : readPolicies(fields, config);
  const images = readImagePolicy(fields);
  checkFloors(drafts, config);
  throwProblems(problems);
  return { file: file.path, rules: drafts.map(({ rule }) => rule), ...images };
}

/**
 * The `images` section alone, for judging a tree that has no `waybill.yaml`: what the file says of Stages is not checked.
 * @throws WaybillErrors of config-invalid and not-supported
 */
export function loadImagePolicy(file: ConfigFile | undefined): Pick<Policies, 'file' | 'images'> {
  if (file === undefined) return {};
  const problems: WaybillError[] = [];
  const root = readYaml(file, problems);
  const images = readImagePolicy(root === undefined ? undefined : readSections(root));
  throwProblems(problems);
  return { file: file.path, ...images };
}

function readSections(root: Value): Fields | undefined {
  const known = ['apiVersion', 'stages', 'images'];
  const fields = readFields(root, { known, unsupported: POLICIES_UNSUPPORTED });
  if (fields !== undefined) checkApiVersion(root, fields);
  return fields;
}

function readImagePolicy(fields: Fields | undefined): Pick<Policies, 'images'> {
  const section = fields?.get('images');
  const images = section === undefined ? undefined : readImages(section);
  return images === undefined ? {} : { images };
}

function readPolicies(fields: Fields, config: Config): readonly DraftRule[] {
  const stages = fields.get('stages');
  const drafts = (stages === undefined ? [] : (readEntries(stages) ?? [])).flatMap((entry) => readRule(entry) ?? []);
  checkPatterns(drafts, config);
  return drafts;
}

function readRule({ key: pattern, at, value }: NamedValue): DraftRule | undefined {
  const policy = readPolicy(value);
  try {
    if (!STAGE_PATTERN.test(pattern)) {
      return report(
        value,
        'is no Stage and no glob of Stages',
        'Write a name, or a glob such as *-dev or {local,dev}',
        { at },
      );
    }
    parseGlob(pattern);
  } catch (error) {
    return reportCause({ ...value, at }, error);
  }
  return policy === undefined ? undefined : { rule: { pattern, policy, at }, value };
}

function readPolicy(value: Value): StagePolicy | undefined {
  const fields = readFields(value, {
    known: ['autoPromotion', 'autoMerge', 'floor'],
    unsupported: POLICY_UNSUPPORTED,
  });
  if (fields === undefined) return undefined;
  const autoPromotion = fields.get('autoPromotion');
  const autoMerge = fields.get('autoMerge');
  const floorField = fields.get('floor');
  const floor = floorField === undefined ? undefined : readFloor(floorField);
  return {
    autoPromotion: autoPromotion === undefined ? 'off' : readAutoPromotion(autoPromotion),
    autoMerge: autoMerge !== undefined && readBoolean(autoMerge) === true,
    ...(floor === undefined ? {} : { floor }),
  };
}

function readAutoPromotion(value: Value): StagePolicy['autoPromotion'] {
  return readChoice(value, ['NewestFreight'], ['MatchUpstream']) ?? 'off';
}

function readFloor(value: Value): Floor | undefined {
  const fields = readFields(value, { known: ['paths', 'from'], unsupported: FLOOR_UNSUPPORTED });
  if (fields === undefined) return undefined;
  const paths = fields.get('paths');
  const from = fields.get('from');
  if (fields.size === 0) return report(value, 'demands nothing', 'Write paths: [GLOB] or from: [STAGE], or remove it');
  const globs = paths === undefined ? [] : (readList(paths, 1) ?? []).flatMap((each) => readGlob(each) ?? []);
  const stages = from === undefined ? undefined : readList(from, 1)?.flatMap((each) => readString(each) ?? []);
  return { paths: globs, ...(stages === undefined ? {} : { from: stages }) };
}

/** A rule that can never hold is a mistake, and a floor that holds for fewer Stages than it says is a hole. */
function checkPatterns(drafts: readonly DraftRule[], config: Config): void {
  const names = config.stages.map(({ name }) => name);
  for (const [index, { rule, value }] of drafts.entries()) {
    const matched = names.filter((name) => globMatch(rule.pattern, name));
    if (matched.length === 0) {
      report(value, 'matches no Stage', suggestion(rule.pattern, names), { at: rule.at });
      continue;
    }
    const earlier = drafts.slice(0, index).map((each) => each.rule);
    for (const name of matched) {
      const first = earlier.find(({ pattern }) => globMatch(pattern, name));
      if (first === undefined || (rule.policy.floor === undefined && !matched.every((each) => taken(earlier, each))))
        continue;
      report(
        value,
        `never holds for Stage ${name}, which ${first.pattern} (line ${first.at.line}) matches first`,
        `Put it above ${first.pattern}`,
        { at: rule.at },
      );
      break;
    }
  }
}

function taken(rules: readonly PolicyRule[], name: string): boolean {
  return rules.some(({ pattern }) => globMatch(pattern, name));
}
