import type { TagPattern } from '../freight/tag-pattern.js';
import type { RuleId, Severity } from '../policy/rules.js';
import type { ResourceFields } from '../yaml/index.js';

/** Where in a file something is written; both numbers 1-based. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A file of configuration as it was read at one commit. */
export interface ConfigFile {
  /** Relative to the repository, as errors name it. */
  readonly path: string;
  readonly text: string;
}

export type ImageSelectionStrategy = 'Digest' | 'SemVer';

/** An image that a Warehouse watches. */
export interface ImageSubscription {
  readonly kind: 'image';
  /** As written: enters Freight IDs verbatim. */
  readonly repoURL: string;
  /** Normalised `domain/path`, as `ImageReference.repository`: what references are compared by. */
  readonly repository: string;
  /** Enters Freight IDs. */
  readonly name?: string;
  readonly imageSelectionStrategy: ImageSelectionStrategy;
  /** Digest: the mutable tag, always there. SemVer: a Masterminds constraint. */
  readonly constraint?: string;
  readonly strictSemvers: boolean;
  readonly allowTagsRegexes: readonly string[];
  readonly ignoreTagsRegexes: readonly string[];
  /** `os/arch[/variant]`. */
  readonly platform?: string;
  /** 1 to 100. */
  readonly discoveryLimit: number;
  /** In the Freight, but no Stage needs to have a place for it, and none writes it. */
  readonly trackOnly: boolean;
  readonly at: SourcePlace;
}

export type Subscription = ImageSubscription;

export interface Warehouse {
  readonly name: string;
  /** At least one, in file order. */
  readonly subscriptions: readonly Subscription[];
  readonly at: SourcePlace;
}

/** Which Freight a Stage takes, and from where. One per Warehouse. */
export interface RequestedFreight {
  readonly warehouse: string;
  /** Straight from the Warehouse. */
  readonly direct: boolean;
  /** Upstream Stages; empty only when `direct`. */
  readonly stages: readonly string[];
  readonly availability: 'OneOf' | 'All';
  /** Milliseconds a Freight must have stood upstream. */
  readonly requiredSoakTime?: number;
  readonly at: SourcePlace;
}

/** Every reference under the globs whose repository is in the Freight gets the Freight's digest. */
export interface ImagesUpdate {
  readonly kind: 'images';
  /** At least one. */
  readonly globs: readonly string[];
  readonly at: SourcePlace;
}

/** One named value gets one image of the Freight, whether it is there already or not. */
export interface KeyUpdate {
  readonly kind: 'key';
  readonly file: string;
  /** As written: dots separate, `\.` is a dot, digits index lists. */
  readonly key: string;
  readonly keyPath: readonly string[];
  /** `repoURL` of the subscription it takes. */
  readonly image: string;
  /** `image`, normalised. */
  readonly repository: string;
  readonly at: SourcePlace;
}

export type Update = ImagesUpdate | KeyUpdate;

export interface Stage {
  readonly name: string;
  /** At least one, no two of one Warehouse. */
  readonly requestedFreight: readonly RequestedFreight[];
  readonly promotion: { readonly via: 'pull-request' };
  /** At least one. */
  readonly updates: readonly Update[];
  readonly at: SourcePlace;
}

/** `waybill.yaml`, checked and in one form. */
export interface Config {
  readonly file: string;
  readonly apiVersion: 'waybill/v1';
  /** Globs over normalised repositories. Nothing else is ever written. */
  readonly firstParty: readonly string[];
  /** In file order. */
  readonly warehouses: ReadonlyMap<string, Warehouse>;
  /** Upstream before downstream, and file order otherwise. No cycles; no two write one path. */
  readonly stages: readonly Stage[];
}

/** The least that the policies demand of a Stage. The configuration was checked against it. */
export interface Floor {
  /** Globs of the paths that this Stage alone may write. */
  readonly paths: readonly string[];
  /** The only upstream Stages it may take Freight from; absent: any, and direct. */
  readonly from?: readonly string[];
}

export interface StagePolicy {
  /** `off` unless granted. */
  readonly autoPromotion: 'NewestFreight' | 'off';
  readonly autoMerge: boolean;
  readonly floor?: Floor;
}

/** A line of the policies: a name or glob of Stages, and what holds for them. */
export interface PolicyRule {
  readonly pattern: string;
  readonly policy: StagePolicy;
  readonly at: SourcePlace;
}

/** Kinds of files and places that the image policy judges only when asked to. */
export type ImageScope = 'compose' | 'dockerfile' | 'workflows' | 'args';

/** What a repository's tags look like, where they are neither versions, build SHAs nor dates. */
export interface TagRule {
  /** Glob over normalised repositories. */
  readonly repository: string;
  readonly pattern: TagPattern;
}

/** A glob of base files (or one), and of the files that are laid over them. */
export interface ImageLayer {
  /** A file; or a directory, whose files are joined with those of the same path below the overlays. */
  readonly base: string;
  /** Globs: of files when the base is one, else of directories. */
  readonly overlays: readonly string[];
}

/** An environment of the GitOps repository, for lineage where there is no ledger. */
export interface ImageEnvironment {
  readonly name: string;
  /** Globs of its files. */
  readonly paths: readonly string[];
  /** The environments that a digest must have stood in; empty for the first. */
  readonly after: readonly string[];
}

/** Something that is excused for a while. */
export interface ImageException {
  /** Every rule but those without exceptions, when absent. */
  readonly rule?: RuleId;
  /** Glob over normalised repositories. */
  readonly image?: string;
  /** Glob over paths. */
  readonly path?: string;
  readonly owner: string;
  readonly reason: string;
  /** As written: `2026-12-31`; it holds to the end of that day, UTC. */
  readonly expires: string;
  readonly at: SourcePlace;
}

/** The `images` section: what the required check judges, and how. */
export interface ImagePolicy {
  /** Where what can't be read fails the check, too. Absent: the whole tree is judged, and nothing is enforced so. */
  readonly enforce?: readonly string[];
  /** Absent: the folders of test data, documentation and CRDs, as long as nothing is enforced. */
  readonly exclude?: readonly string[];
  /** Globs over normalised repositories; absent: `waybill.yaml`'s. */
  readonly firstParty?: readonly string[];
  /** Charts that are not ours, and keep their own shape of values. */
  readonly thirdPartyCharts: readonly string[];
  /** Hosts that online checks may ask. */
  readonly registries: readonly string[];
  /** `os/arch[/variant]` that every image must be there for, online. */
  readonly platforms: readonly string[];
  readonly scopes: readonly ImageScope[];
  readonly tagPatterns: readonly TagRule[];
  /** Repositories (globs) whose charts write the tag into labels. */
  readonly tagInLabels: readonly string[];
  /** Repositories (globs) whose charts are known to bear `tag: version@sha256:…`. */
  readonly tagSuffix: readonly string[];
  readonly severities: ReadonlyMap<RuleId, Severity | 'off'>;
  readonly pullPolicy: 'absent-or-if-not-present' | 'if-not-present';
  /** Fields of custom resources, beside the known ones. */
  readonly fields: readonly ResourceFields[];
  /** Absent: layers are told by the usual names of files and directories. */
  readonly layers?: readonly ImageLayer[];
  readonly environments: readonly ImageEnvironment[];
  /** Whether the images of one Freight may be taken one by one. */
  readonly mixed: 'refused' | 'allowed';
  readonly exceptions: readonly ImageException[];
}

/** `waybill.policies.yaml`, checked. */
export interface Policies {
  /** Absent when there is no such file, and then there are no rules. */
  readonly file?: string;
  /** In file order: the first that matches a Stage holds. */
  readonly rules: readonly PolicyRule[];
  readonly images?: ImagePolicy;
}
