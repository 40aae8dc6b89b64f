import type { WaybillError } from '../errors.js';
import type { ImageReference } from '../image/reference.js';

/** What a reference points at, read from a manifest whose bytes were hashed here. */
export interface ResolvedImage {
  readonly reference: ImageReference;
  /** Of what the tag points at: the index for a multi-platform image, else the manifest. `sha256:` + 64 hex. */
  readonly digest: string;
  readonly mediaType: string;
  /** `os/arch[/variant]` of each runnable child (attestations left out), or of the single manifest when its config was read. */
  readonly platforms: readonly string[];
  /** `org.opencontainers.image.revision`, from the index's annotations, else the manifest's, else the config's labels. */
  readonly revision?: string;
  /** `org.opencontainers.image.source`, likewise. */
  readonly source?: string;
  /** RFC 3339, likewise; absent when the build is reproducible and says 1970. */
  readonly created?: string;
  /** `org.opencontainers.image.version`, likewise. */
  readonly version?: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export type Resolution =
  | { readonly kind: 'resolved'; readonly image: ResolvedImage }
  /** The registry answered that there is no such tag or manifest, and we may read the repository. */
  | { readonly kind: 'absent'; readonly reference: ImageReference }
  | { readonly kind: 'failed'; readonly reference: ImageReference; readonly error: WaybillError };

export interface ResolveOptions {
  /** Fail with `platform-missing` unless each of these `os/arch[/variant]` is there. */
  readonly platforms?: readonly string[];
  /** Also read the config blob when annotations do not tell revision, source and created. Costs up to two requests an image. */
  readonly labels?: boolean;
}

/** Read access to OCI registries. */
export interface Registry {
  /** One `Resolution` per reference, in order, at most 32 requests in flight. Never throws for a registry's answer. */
  resolve(references: readonly ImageReference[], options?: ResolveOptions): Promise<readonly Resolution[]>;
  /**
   * Every tag of a repository, all pages, without signature tags (`sha256-<hex>[.sig|.att|.sbom]`).
   * @throws WaybillError registry-denied, registry-not-found, registry-unavailable, registry-protocol
   */
  tags(repository: string): Promise<readonly string[]>;
}
