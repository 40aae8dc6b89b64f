import { checkDigest, DIGEST_ERRORS } from '../image/digest.js';
import { familiarRepository } from '../image/reference.js';
import type { Piece, ReferenceSite } from '../yaml/index.js';
import { type FindingDraft, regionOf, relatedOf } from './draft.js';
import { type Effective, textOf } from './effective.js';
import { pinRepair } from './pin.js';
import { isPodTemplate, mostSevere } from './places.js';
import { lowerCaseDigest, retag, tagToDigest, withoutTag } from './repairs.js';
import type { RuleId } from './rules.js';
import { isOurs, matchesAny, type PolicySettings } from './settings.js';
import { decidingPiece, digestPiece, namePiece, tagPiece } from './site-pieces.js';
import { TAG_IN_LABELS } from './tag-in-labels.js';
import { judgeTag } from './tags.js';

/** One image to judge, and what it deploys together with the layers below it. */
export interface Judged {
  readonly site: ReferenceSite;
  readonly effective: Effective;
  /** All that is laid over it pins it. */
  readonly isOverridden: boolean;
  /** The values of a chart itself, beside its Chart.yaml: where an empty tag is the chart's own version. */
  readonly isChartDefault: boolean;
}

/** What Rules 1 and 2 find in one image. */
export function judgeReference(judged: Judged, settings: PolicySettings): readonly FindingDraft[] {
  const { site, effective } = judged;
  if (effective.unresolved) return [];
  const drafts: FindingDraft[] = [];
  const pinning = judgePinning(judged, settings);
  if (pinning !== undefined) drafts.push(pinning);
  drafts.push(...judgeNumbers(site, settings));
  const contract = judgeContract(site, effective, settings) ?? judgeLabels(site, effective, settings);
  if (contract !== undefined) drafts.push(contract);
  if (settings.policy.pullPolicy === 'if-not-present' && isPodTemplate(site) && site.pullPolicy === undefined) {
    const reason = 'the policies demand an explicit IfNotPresent here';
    drafts.push(
      draftOf('pull-policy', site, effective, decidingPiece(site), settings, reason, 'a line has to be written', {
        expected: 'imagePullPolicy: IfNotPresent',
      }),
    );
  }
  return drafts;
}

/** Rule 1: the one thing that is wrong first with how an image is pinned. */
function judgePinning(judged: Judged, settings: PolicySettings): FindingDraft | undefined {
  const { site, effective, isChartDefault, isOverridden } = judged;
  const { shape } = site;
  if (shape.kind === 'kustomize-image' && !setsImage(shape)) return undefined;
  if (shape.kind === 'argocd-kustomize-image' && isBareName(shape.piece.value)) return undefined;
  const { repository, tag, digest, error } = effective;
  const find = (rule: RuleId, piece: Piece, reason: string, repair: FindingDraft['repair'], expected?: string) =>
    draftOf(rule, site, effective, piece, settings, reason, repair, expected === undefined ? {} : { expected });
  const example = expectedReference(effective);
  const digestFault = digest === undefined ? undefined : checkDigest(digest);
  if (digest !== undefined && digestFault !== undefined) {
    const repair = lowerCaseDigest(site, digest);
    return find(
      'malformed-digest',
      digestPiece(site),
      DIGEST_ERRORS[digestFault],
      repair,
      'sha256: and 64 lower-case hexadecimal digits',
    );
  }
  if (error !== undefined || (shape.kind === 'kustomize-image' && hasPin(shape.name.value))) {
    const why = error === undefined ? 'kustomize takes a bare name here' : REFERENCE_ERRORS[error];
    const piece = error === undefined && shape.kind === 'kustomize-image' ? shape.name : namePiece(site);
    return find('invalid-reference', piece, why ?? 'it is no image reference', 'it can not be told what was meant');
  }
  const verdict = tag === undefined ? undefined : judgeTag(tag, repository, settings);
  if (tag !== undefined && verdict?.kind === 'channel') {
    const pinned = digest === undefined ? ', and there is no digest' : ', even beside a digest';
    const reason = `the tag ${JSON.stringify(tag)} names a channel, not a build${pinned}`;
    const repair = digest === undefined ? whyUnpinned(site, effective, settings) : withoutTag(site, digest);
    return find('channel-tag', tagPiece(site), reason, repair, example);
  }
  if (tag !== undefined && verdict?.kind === 'digest-as-tag') {
    const reason = 'a digest is written as a tag, where nothing checks it';
    return find('digest-as-tag', tagPiece(site), reason, tagToDigest(site, effective), digestExample(effective));
  }
  if (digest === undefined) {
    if (isOverridden || (effective.implicit && isChartDefault)) return undefined;
    if (shape.kind === 'kustomize-image' || shape.kind === 'argocd-kustomize-image') {
      const reason = 'the entry sets no digest, so kustomize removes the one that the base has';
      return find('kustomize-unpins', tagPiece(site), reason, whyUnpinned(site, effective, settings), example);
    }
    const repair = whyUnpinned(site, effective, settings);
    return find('unpinned', tagPiece(site), unpinnedReason(site, effective), repair, example);
  }
  if (tag !== undefined && verdict?.kind === 'moving') {
    const reason = `the tag ${JSON.stringify(tag)} moves to each new patch and will soon name another version`;
    return find('moving-tag', tagPiece(site), reason, retag(site), undefined);
  }
  if (tag !== undefined && verdict?.kind === 'unclassified') {
    const reason = `the tag ${JSON.stringify(tag)} is neither a version nor a build SHA nor a date`;
    return find('unclassified-tag', tagPiece(site), reason, retag(site), undefined);
  }
  return undefined;
}

const NEEDS_REGISTRY = 'the digest has to be asked of the registry: a run with fix does that';

/** Why an image without a digest is not mended at once, or at all. */
function whyUnpinned(site: ReferenceSite, effective: Effective, settings: PolicySettings): string {
  if (effective.implicit) return 'only the chart knows which image that is: a person has to write its tag and digest';
  const repair = pinRepair({ site, effective }, EXAMPLE, settings);
  return typeof repair === 'string' ? repair : NEEDS_REGISTRY;
}

/** Any digest will do to see whether there is a place for one. */
const EXAMPLE = `sha256:${'0'.repeat(64)}`;

const REFERENCE_ERRORS: Readonly<Record<string, string>> = {
  ErrNameEmpty: 'it has no repository',
  ErrNameContainsUppercase: 'the repository must be lower-case',
  ErrNameTooLong: 'the repository is too long',
  ErrNameIsIdentifier: '64 hexadecimal digits are an image ID, not a repository',
  ErrReferenceInvalidFormat: 'it does not follow the grammar of image references',
};

function unpinnedReason(site: ReferenceSite, effective: Effective): string {
  if (effective.implicit && site.shape.kind === 'split') {
    return 'neither tag nor digest is set, so the chart decides which image runs';
  }
  if (effective.tag === undefined) return 'without tag and digest it is whatever latest means when it is pulled';
  return `the tag ${JSON.stringify(effective.tag)} can be moved to another image`;
}

/** A tag or digest that YAML reads as a number, date or boolean before any chart sees it. */
function judgeNumbers(site: ReferenceSite, settings: PolicySettings): readonly FindingDraft[] {
  const { shape } = site;
  const pieces =
    shape.kind === 'split'
      ? [shape.tag, shape.digest]
      : shape.kind === 'kustomize-image'
        ? [shape.newTag, shape.digest]
        : [];
  return pieces.flatMap((piece) => {
    if (piece === undefined || !piece.nonString || textOf(piece) === '') return [];
    const reason = `unquoted, ${JSON.stringify(piece.value)} is no string to YAML and may change on its way`;
    return [
      draftOf('numeric-tag', site, {}, piece, settings, reason, retag(site, piece, piece.value), {
        current: piece.value,
        expected: JSON.stringify(piece.value),
      }),
    ];
  });
}

/** Rule 2: ours only as `image.ref`. */
function judgeContract(site: ReferenceSite, effective: Effective, settings: PolicySettings): FindingDraft | undefined {
  const { shape } = site;
  if (shape.kind !== 'split' || site.zone !== 'values' || !isOurs(settings, effective.repository)) return undefined;
  if (matchesAny(settings.policy.thirdPartyCharts, site.path)) return undefined;
  const piece = shape.repository ?? decidingPiece(site);
  return draftOf(
    'first-party-split',
    site,
    effective,
    piece,
    settings,
    'an image of ours is one string, image.ref, not several fields',
    'the chart has to read image.ref, too, so both change together by hand',
    { expected: `ref: ${expectedReference(effective)}` },
  );
}

/** Rule 2: a digest in a tag that becomes a label. */
function judgeLabels(site: ReferenceSite, effective: Effective, settings: PolicySettings): FindingDraft | undefined {
  const { shape } = site;
  const { repository } = effective;
  if (shape.kind !== 'split' || repository === undefined || !(shape.tag?.value.includes('@') ?? false))
    return undefined;
  if (matchesAny(settings.policy.tagSuffix, repository)) return undefined;
  if (!matchesAny(settings.policy.tagInLabels, repository) && !TAG_IN_LABELS.has(repository)) return undefined;
  const piece = shape.tag ?? decidingPiece(site);
  const reason = 'the chart writes the tag into labels, where a digest is no valid value';
  const repair = 'it takes a chart with a digest field';
  return draftOf('tag-in-labels', site, effective, piece, settings, reason, repair, {});
}

function draftOf(
  rule: RuleId,
  site: ReferenceSite,
  effective: Partial<Effective>,
  piece: Piece,
  settings: PolicySettings,
  reason: string,
  repair: FindingDraft['repair'],
  facts: { readonly expected?: string; readonly current?: string },
): FindingDraft {
  const repository = effective.repository ?? site.repository;
  const region = regionOf(piece);
  return {
    rule,
    most: mostSevere(site, settings),
    path: site.path,
    document: site.document,
    keyPath: site.keyPath,
    region,
    current: facts.current ?? currentText(site, effective),
    ...(facts.expected === undefined ? {} : { expected: facts.expected }),
    reason,
    ...(repository === undefined ? {} : { repository }),
    related: relatedOf(site, region),
    repair,
    ...(repair === NEEDS_REGISTRY && site.editable.ok
      ? { lacksDigest: { site, effective: { ...NOTHING, ...effective } } }
      : {}),
  };
}

const NOTHING: Effective = { unresolved: false, implicit: false };

/** The reference as it is written, or as its pieces join. */
function currentText(site: ReferenceSite, effective: Partial<Effective>): string {
  const { shape } = site;
  if (shape.kind === 'whole' || shape.kind === 'argocd-kustomize-image') return shape.piece.value;
  const { repository, tag, digest } = effective;
  const named = shape.kind === 'kustomize-image' ? textOf(shape.newName) || shape.name.value : undefined;
  const name =
    named ??
    (repository === undefined
      ? shape.kind === 'split'
        ? textOf(shape.repository)
        : ''
      : familiarRepository(repository));
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function expectedReference({ repository, digest }: Effective): string {
  const name = repository === undefined ? '' : familiarRepository(repository);
  return `${name}@${digest !== undefined && checkDigest(digest) === undefined ? digest : 'sha256:…'}`;
}

function digestExample({ repository, tag = '' }: Effective): string {
  return `${repository === undefined ? '' : familiarRepository(repository)}@${tag.replace('-', ':')}`;
}

/** A name without anything behind it: it changes no image. */
function isBareName(text: string): boolean {
  return !text.includes('=') && !hasPin(text);
}

function hasPin(name: string): boolean {
  return name.includes('@') || name.lastIndexOf(':') > name.lastIndexOf('/');
}

function setsImage(shape: Extract<ReferenceSite['shape'], { readonly kind: 'kustomize-image' }>): boolean {
  return (
    [shape.newName, shape.newTag, shape.tagSuffix, shape.digest].some((piece) => textOf(piece) !== '') ||
    hasPin(shape.name.value)
  );
}
