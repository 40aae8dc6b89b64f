import { type FileScan, type ReferenceSite, scanText, type Unread } from '../yaml/index.js';
import { joinIndex, joinKey } from '../yaml/key-path.js';
import { parseYaml } from '../yaml/parse.js';
import { scalarPiece } from '../yaml/piece.js';
import { fileSource, lineIndex } from '../yaml/text.js';
import { effectiveEntries, type MapNode, type ScalarNode, targetOf, type YamlNode } from '../yaml/tree.js';
import { scopeScan, wholeSite } from './scope-site.js';

const MAX_LENGTH = 1024 * 1024;
const DOCKER = 'docker://';

interface Found {
  readonly node: ScalarNode;
  readonly keyPath: string;
  readonly prefix?: string;
}

/** The images that a compose file's services run, those built there left out (Compose Specification, "services"). */
export function scanCompose(path: string, text: string): FileScan {
  return scanWith(path, text, (root) =>
    children(root, '').flatMap((top) =>
      top.key !== 'services'
        ? []
        : children(top.node, top.path).flatMap((service) => {
            const fields = children(service.node, service.path);
            return fields.some(({ key }) => key === 'build') ? [] : fields.flatMap((field) => imageOf(field, 'image'));
          }),
    ),
  );
}

/**
 * The images that run jobs and steps of a workflow, or an action: `container`, `services`, `docker://` (GitHub's workflow
 * and metadata syntax). Other systems' pipelines are read by the general rules.
 */
export function scanWorkflow(path: string, text: string): FileScan {
  if (!/(?:^|\/)action\.ya?ml$|\/workflows\/[^/]+$/.test(path)) return scanText({ path, text });
  return scanWith(path, text, (root) =>
    children(root, '').flatMap((top) => {
      if (top.key === 'runs') return ofRunner(top);
      return top.key === 'jobs' ? children(top.node, top.path).flatMap(ofJob) : [];
    }),
  );
}

interface Child {
  readonly key: string;
  readonly node: YamlNode;
  readonly path: string;
}

function ofRunner(runs: Child): readonly Found[] {
  return children(runs.node, runs.path).flatMap((field) => {
    if (field.key === 'steps') return ofSteps(field);
    return field.key === 'image' ? dockerOf(field) : [];
  });
}

function ofJob(job: Child): readonly Found[] {
  return children(job.node, job.path).flatMap((field) => {
    if (field.key === 'steps') return ofSteps(field);
    if (field.key === 'container') {
      return [
        ...imageOf(field, 'container'),
        ...children(field.node, field.path).flatMap((each) => imageOf(each, 'image')),
      ];
    }
    if (field.key !== 'services') return [];
    return children(field.node, field.path).flatMap((service) =>
      children(service.node, service.path).flatMap((each) => imageOf(each, 'image')),
    );
  });
}

function ofSteps({ node, path }: Child): readonly Found[] {
  const list = targetOf(node);
  if (list.kind !== 'seq') return [];
  return list.items.flatMap((item, index) =>
    children(item, joinIndex(path, index)).flatMap((field) => (field.key === 'uses' ? dockerOf(field) : [])),
  );
}

function imageOf({ key, node, path }: Child, wanted: string): readonly Found[] {
  const scalar = targetOf(node);
  if (key !== wanted || scalar.kind !== 'scalar' || scalar.value.trim() === '') return [];
  return [{ node: scalar, keyPath: path, ...(scalar.value.trim().startsWith(DOCKER) ? { prefix: DOCKER } : {}) }];
}

function dockerOf({ node, path }: Child): readonly Found[] {
  const scalar = targetOf(node);
  return scalar.kind === 'scalar' && scalar.value.trim().startsWith(DOCKER)
    ? [{ node: scalar, keyPath: path, prefix: DOCKER }]
    : [];
}

function children(node: YamlNode, path: string): readonly Child[] {
  const map: YamlNode = targetOf(node);
  if (map.kind !== 'map') return [];
  return effectiveEntries(map satisfies MapNode).map(({ key, value }) => ({
    key,
    node: value,
    path: joinKey(path, key),
  }));
}

function scanWith(path: string, text: string, find: (root: YamlNode) => readonly Found[]): FileScan {
  const fail = (kind: Unread['kind'], detail: string, line = 1) =>
    scopeScan(path, [], [{ path, kind, line, detail, mentions: [] }]);
  if (text.length > MAX_LENGTH) return fail('too-large', `the file is longer than ${MAX_LENGTH} characters`);
  const lines = lineIndex(text);
  const parsed = parseYaml(text);
  if (!parsed.ok) return fail('invalid-yaml', parsed.problem.what, lines.at(Math.max(0, parsed.problem.offset)).line);
  const source = fileSource(text);
  const sites = new Map<number, ReferenceSite>();
  for (const [document, { root }] of parsed.documents.entries()) {
    if (root === undefined) continue;
    for (const { node, keyPath, prefix } of find(root)) {
      const piece = scalarPiece({ source, fileText: text, lines }, node);
      const site = wholeSite({ path, document, keyPath, piece, ...(prefix === undefined ? {} : { prefix }) });
      if (!sites.has(piece.range[0])) sites.set(piece.range[0], site);
    }
  }
  return scopeScan(path, [...sites.values()]);
}
