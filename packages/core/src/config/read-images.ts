import { compileTagPattern } from '../freight/tag-pattern.js';
import { findRule, RULES, type RuleId, type Severity } from '../policy/rules.js';
import { WITHOUT_EXCEPTION } from '../policy/settings.js';
import type { ResourceFields } from '../yaml/index.js';
import { parseGlob } from './glob-syntax.js';
import { suggestion } from './names.js';
import type { ImageEnvironment, ImageException, ImageLayer, ImagePolicy, ImageScope, TagRule } from './types.js';
import {
  type Fields,
  readBoolean,
  readChoice,
  readEntries,
  readFields,
  readList,
  readString,
  report,
  reportCause,
  required,
  type Value,
} from './yaml-reader.js';

const KNOWN = [
  'enforce',
  'exclude',
  'firstParty',
  'thirdPartyCharts',
  'registries',
  'platforms',
  'scopes',
  'tagPatterns',
  'tagInLabels',
  'tagSuffix',
  'severities',
  'pullPolicy',
  'fields',
  'layers',
  'environments',
  'mixed',
  'exceptions',
] as const;

type Reader<T> = (value: Value) => T | undefined;

/** The `images` section of `waybill.policies.yaml`. What is wrong is noted with its place. */
export function readImages(value: Value): ImagePolicy | undefined {
  const fields = readFields(value, { known: KNOWN });
  if (fields === undefined) return undefined;
  const list = <T>(name: (typeof KNOWN)[number], reader: Reader<T>, min = 0) => listOf(fields, name, reader, min);
  const enforce = fields.has('enforce') ? list('enforce', readPathGlob, 1) : undefined;
  const exclude = fields.has('exclude') ? list('exclude', readPathGlob) : undefined;
  const firstParty = fields.has('firstParty') ? list('firstParty', readRepository) : undefined;
  const layers = fields.has('layers') ? list('layers', readLayer) : undefined;
  return {
    ...(enforce === undefined ? {} : { enforce }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(firstParty === undefined ? {} : { firstParty }),
    thirdPartyCharts: list('thirdPartyCharts', readPathGlob),
    registries: list('registries', readHost),
    platforms: list('platforms', readPlatform),
    scopes: list('scopes', (each) => readChoice<ImageScope>(each, ['compose', 'dockerfile', 'workflows', 'args'])),
    tagPatterns: readTagPatterns(fields.get('tagPatterns')),
    tagInLabels: list('tagInLabels', readRepository),
    tagSuffix: list('tagSuffix', readRepository),
    severities: readSeverities(fields.get('severities')),
    pullPolicy: readPullPolicy(fields.get('pullPolicy')),
    fields: list('fields', readResourceFields),
    ...(layers === undefined ? {} : { layers }),
    environments: checkEnvironments(list('environments', readEnvironment)),
    mixed: choiceOf(fields.get('mixed'), ['refused', 'allowed'], 'refused'),
    exceptions: list('exceptions', readException),
  };
}

function listOf<T>(fields: Fields, name: string, reader: Reader<T>, min: number): readonly T[] {
  const value = fields.get(name);
  return value === undefined ? [] : (readList(value, min) ?? []).flatMap((each) => reader(each) ?? []);
}

function choiceOf<T extends string>(value: Value | undefined, choices: readonly T[], otherwise: T): T {
  return value === undefined ? otherwise : (readChoice(value, choices) ?? otherwise);
}

function readPathGlob(value: Value): string | undefined {
  const glob = readString(value);
  return glob === undefined || !isGlob(value, glob) ? undefined : glob;
}

function isGlob(value: Value, glob: string): boolean {
  try {
    parseGlob(glob);
    return true;
  } catch (error) {
    reportCause(value, error);
    return false;
  }
}

const HOST_FIRST = /^(?:localhost|[^/]*[.:*][^/]*)\/./;

function readRepository(value: Value): string | undefined {
  const glob = readString(value);
  if (glob === undefined || !isGlob(value, glob)) return undefined;
  if (HOST_FIRST.test(glob)) return glob;
  const remedy = 'Start it with the host: ghcr.io/OWNER/*, docker.io/library/NAME';
  return report(value, `${JSON.stringify(glob)} names no registry`, remedy);
}

function readHost(value: Value): string | undefined {
  const host = readString(value);
  if (host === undefined || /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/.test(host))
    return host;
  return report(
    value,
    `${JSON.stringify(host)} is no host`,
    'Write a registry’s host: ghcr.io, registry.example.com:5000',
  );
}

function readPlatform(value: Value): string | undefined {
  const platform = readString(value);
  if (platform === undefined || /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/.test(platform)) return platform;
  return report(value, `${JSON.stringify(platform)} is no platform`, 'Write os/arch, as linux/amd64');
}

function readTagPatterns(value: Value | undefined): readonly TagRule[] {
  if (value === undefined) return [];
  return (readEntries(value) ?? []).flatMap(({ key, at, value: each }) => {
    const source = readString(each);
    if (source === undefined || !isGlob({ ...each, at }, key)) return [];
    if (!HOST_FIRST.test(key)) {
      report(each, 'names no registry', 'Start the key with the host: quay.io/minio/*', { at });
      return [];
    }
    try {
      return [{ repository: key, pattern: compileTagPattern(source) }];
    } catch (error) {
      reportCause(each, error);
      return [];
    }
  });
}

function readRule(value: Value): RuleId | undefined {
  const id = readString(value);
  if (id === undefined) return undefined;
  return (
    findRule(id)?.id ??
    report(
      value,
      `${JSON.stringify(id)} is no rule`,
      suggestion(
        id,
        RULES.map((rule) => rule.id),
      ),
    )
  );
}

function readSeverities(value: Value | undefined): ReadonlyMap<RuleId, Severity | 'off'> {
  const severities = new Map<RuleId, Severity | 'off'>();
  for (const { key, at, value: each } of value === undefined ? [] : (readEntries(value) ?? [])) {
    const rule = findRule(key)?.id;
    const severity = readChoice<Severity | 'off'>(each, ['error', 'warning', 'note', 'off']);
    if (rule === undefined) {
      report(
        each,
        'is no rule',
        suggestion(
          key,
          RULES.map(({ id }) => id),
        ),
        { at },
      );
    } else if (WITHOUT_EXCEPTION.has(rule)) {
      report(each, 'is always an error', 'Remove it: floating tags have no allowlist in any lane', { at });
    } else if (severity !== undefined) severities.set(rule, severity);
  }
  return severities;
}

function readPullPolicy(value: Value | undefined): ImagePolicy['pullPolicy'] {
  return choiceOf(value, ['absent-or-if-not-present', 'if-not-present'], 'absent-or-if-not-present');
}

const FIELD = /^[A-Za-z0-9_-]+(?:\[\])?(?:\.[A-Za-z0-9_-]+(?:\[\])?)*$/;

function readResourceFields(value: Value): ResourceFields | undefined {
  const fields = readFields(value, { known: ['group', 'kind', 'fields', 'needsTag'] });
  if (fields === undefined) return undefined;
  const group = requiredString(fields, value, 'group', 'Write the API group: group: platform.example.com');
  const kind = fields.has('kind') ? requiredString(fields, value, 'kind', '') : '*';
  const paths = listOf(fields, 'fields', readFieldPath, 1);
  const needsTag = fields.get('needsTag');
  const needs = needsTag !== undefined && readBoolean(needsTag) === true;
  required(fields, value, 'fields', 'List the fields: fields: [spec.image]');
  if (group === undefined || kind === undefined || paths.length === 0) return undefined;
  return { group, kind, fields: paths, ...(needs ? { needsTag: true } : {}) };
}

function readFieldPath(value: Value): string | undefined {
  const path = readString(value);
  if (path === undefined || FIELD.test(path)) return path;
  return report(value, `${JSON.stringify(path)} is no path to a field`, 'Write it as spec.image or spec.tasks[].image');
}

function requiredString(fields: Fields, owner: Value, key: string, remedy: string): string | undefined {
  const value = required(fields, owner, key, remedy);
  return value === undefined ? undefined : readString(value);
}

function readLayer(value: Value): ImageLayer | undefined {
  const fields = readFields(value, { known: ['base', 'overlays'] });
  if (fields === undefined) return undefined;
  const base = requiredString(fields, value, 'base', 'Write base: DIRECTORY, or a file of values');
  required(fields, value, 'overlays', 'List what is laid over it: overlays: [GLOB]');
  const overlays = listOf(fields, 'overlays', readPathGlob, 1);
  if (base === undefined || overlays.length === 0) return undefined;
  if (/^\/|\/$|[*?{}[\]\\]|(?:^|\/)\.\.?(?:\/|$)/.test(base)) {
    return report(value, 'has a base that is no plain path', 'Write a directory or file, without wildcards');
  }
  return { base, overlays };
}

interface DraftEnvironment {
  readonly environment: ImageEnvironment;
  readonly value: Value;
}

function readEnvironment(value: Value): DraftEnvironment | undefined {
  const fields = readFields(value, { known: ['name', 'paths', 'after'] });
  if (fields === undefined) return undefined;
  const name = requiredString(fields, value, 'name', 'Write name: production');
  required(fields, value, 'paths', 'List its files: paths: [GLOB]');
  const paths = listOf(fields, 'paths', readPathGlob, 1);
  const after = listOf(fields, 'after', readString, 1);
  return name === undefined || paths.length === 0 ? undefined : { environment: { name, paths, after }, value };
}

/** An environment comes after those above it: no name twice, no circles. */
function checkEnvironments(drafts: readonly DraftEnvironment[]): readonly ImageEnvironment[] {
  const above: string[] = [];
  for (const { environment, value } of drafts) {
    const { name, after } = environment;
    if (above.includes(name)) report(value, `is the second named ${name}`, 'Give each environment a name of its own');
    const unknown = after.find((each) => !above.includes(each));
    if (unknown !== undefined) {
      report(value, `comes after ${unknown}, which does not stand above it`, suggestion(unknown, above));
    }
    above.push(name);
  }
  return drafts.map(({ environment }) => environment);
}

function readException(value: Value): ImageException | undefined {
  const fields = readFields(value, { known: ['rule', 'image', 'path', 'owner', 'reason', 'expires'] });
  if (fields === undefined) return undefined;
  const ruleField = fields.get('rule');
  const imageField = fields.get('image');
  const pathField = fields.get('path');
  const rule = ruleField === undefined ? undefined : readRule(ruleField);
  const image = imageField === undefined ? undefined : readRepository(imageField);
  const path = pathField === undefined ? undefined : readPathGlob(pathField);
  const owner = requiredString(fields, value, 'owner', 'Write who answers for it: owner: "@org/team"');
  const reason = requiredString(fields, value, 'reason', 'Write why: reason: …');
  const expires = readDay(required(fields, value, 'expires', 'Write its last day: expires: 2026-12-31'));
  if (ruleField !== undefined && rule !== undefined && WITHOUT_EXCEPTION.has(rule)) {
    return report(ruleField, `${rule} has no exceptions`, 'Remove it: floating tags have no allowlist in any lane');
  }
  if (imageField === undefined && pathField === undefined) {
    return report(value, 'excuses everything', 'Write image: GLOB, or path: GLOB');
  }
  if ((ruleField !== undefined && rule === undefined) || (imageField !== undefined && image === undefined))
    return undefined;
  if ((pathField !== undefined && path === undefined) || owner === undefined || reason === undefined) return undefined;
  if (expires === undefined) return undefined;
  return {
    ...(rule === undefined ? {} : { rule }),
    ...(image === undefined ? {} : { image }),
    ...(path === undefined ? {} : { path }),
    owner,
    reason,
    expires,
    at: value.at,
  };
}

function readDay(value: Value | undefined): string | undefined {
  const day = value === undefined ? undefined : readString(value);
  if (value === undefined || day === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(day)) return day;
  return report(value, `${JSON.stringify(day)} is no day`, 'Write it as 2026-12-31');
}
