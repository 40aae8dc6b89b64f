import type { Edit } from '../yaml/edit.js';
import type { ReferenceSite, Shape } from '../yaml/index.js';
import { type Effective, textOf } from './effective.js';
import { type LocalRepair, write } from './repairs.js';
import { matchesAny, type PolicySettings } from './settings.js';
import { judgeTag } from './tags.js';

/**
 * Writes a digest where an image lacks one (image-policy.md §3c): behind the tag, which stays unless it names a channel; into
 * the digest field, if the chart's values have one; behind a split's tag only where the policies say that the chart bears it.
 */
export function pinRepair(
  { site, effective }: { readonly site: ReferenceSite; readonly effective: Effective },
  digest: string,
  settings: PolicySettings,
): LocalRepair {
  if (!site.editable.ok) return site.editable.why;
  const { shape } = site;
  const { tag, repository } = effective;
  const isChannel = tag !== undefined && judgeTag(tag, repository, settings).kind === 'channel';
  if (isChannel && site.needsTag) {
    return `the ${site.object?.kind ?? 'operator'} reads its version from the tag, which has to be a version`;
  }
  switch (shape.kind) {
    case 'whole':
    case 'argocd-kustomize-image': {
      const kept = tag === undefined || isChannel ? '' : `:${tag}`;
      return write(site, shape.piece, `${shape.prefix}${shape.written}${kept}@${digest}`);
    }
    case 'split':
      return pinSplit(site, shape, { tag, digest, isChannel, bearsSuffix: bearsSuffix(repository, settings) });
    case 'kustomize-image':
      return pinKustomize(site, shape, digest, isChannel);
  }
}

function bearsSuffix(repository: string | undefined, { policy }: PolicySettings): boolean {
  return repository !== undefined && matchesAny(policy.tagSuffix, repository);
}

interface Wanted {
  readonly tag: string | undefined;
  readonly digest: string;
  readonly isChannel: boolean;
  readonly bearsSuffix: boolean;
}

function pinSplit(
  site: ReferenceSite,
  shape: Extract<Shape, { readonly kind: 'split' }>,
  { tag, digest, isChannel, bearsSuffix: bears }: Wanted,
): LocalRepair {
  if (shape.repository?.value.includes('@') === true || /:[^/]*$/.test(shape.repository?.value ?? '')) {
    return 'the repository carries a tag or digest of its own';
  }
  if (shape.digest !== undefined) {
    const value = shape.digest.encoding === 'hex' ? digest.slice(digest.indexOf(':') + 1) : digest;
    const edits = [write(site, shape.digest, value)];
    if (isChannel && shape.tag !== undefined) edits.push(write(site, shape.tag, ''));
    return all(edits);
  }
  if (shape.tag === undefined || textOf(shape.tag) === '')
    return 'the values have no field for a digest, and only the chart knows one';
  if (isChannel) return 'the digest fits only behind a tag, and which version it belongs to is for a person to say';
  if (!bears)
    return 'the values have no digest field, and whether the chart bears one behind its tag is not known (images.tagSuffix)';
  return write(site, shape.tag, `${tag ?? ''}@${digest}`);
}

function pinKustomize(
  site: ReferenceSite,
  shape: Extract<Shape, { readonly kind: 'kustomize-image' }>,
  digest: string,
  isChannel: boolean,
): LocalRepair {
  const { newTag, newName, tagSuffix, insertion } = shape;
  if (textOf(tagSuffix) !== '') return 'tagSuffix changes a tag that goes with a digest';
  if (newName !== undefined && /[:@][^/]*$/.test(newName.value)) return 'newName carries a tag of its own';
  const clear = isChannel && newTag !== undefined ? [write(site, newTag, '')] : [];
  if (shape.digest !== undefined) return all([write(site, shape.digest, digest), ...clear]);
  if (insertion === undefined) return 'there is no safe place for a digest: write digest: "" into the entry';
  const { offset, before, line } = insertion;
  const entry: Edit = {
    path: site.path,
    keyPath: `${site.keyPath}.digest`,
    range: [offset, offset],
    oldText: '',
    newText: `${before}digest: ${digest}`,
    line,
    value: digest,
    kind: 'entry',
  };
  return all([[entry], ...clear]);
}

/** All edits, or the first reason why not. */
function all(repairs: readonly LocalRepair[]): LocalRepair {
  const refused = repairs.find((repair) => typeof repair === 'string');
  return refused ?? repairs.flatMap((repair) => (typeof repair === 'string' ? [] : repair));
}
