/** Where Freight comes from. The kind is Kargo's, and there is only one. */
export interface FreightOrigin {
  readonly kind: 'Warehouse';
  readonly name: string;
}

/** One image of a Freight: what was found, and under which tag. */
export interface FreightImage {
  /** As the subscription writes it: it enters the Freight's ID verbatim. */
  readonly repoURL: string;
  /** The tag it was found under; empty when it was found by digest alone. */
  readonly tag: string;
  /** `sha256:` and 64 hex digits, of what the tag pointed at (the index of a multi-platform image). */
  readonly digest: string;
  /** The subscription's own name, if it has one: it enters the Freight's ID. */
  readonly subscriptionName?: string;
  /** `org.opencontainers.image.revision`. */
  readonly revision?: string;
  /** `org.opencontainers.image.source`. */
  readonly source?: string;
  /** `org.opencontainers.image.created`, RFC 3339. */
  readonly created?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface FreightCommit {
  readonly repoURL: string;
  /** 40 hex digits. */
  readonly id: string;
  readonly tag?: string;
  readonly branch?: string;
  readonly subscriptionName?: string;
}

export interface FreightChart {
  readonly repoURL: string;
  /** Absent for a chart of an OCI registry. */
  readonly name?: string;
  readonly version: string;
  readonly subscriptionName?: string;
}

/** What a Freight is made of, and all that its ID is computed from. */
export interface FreightContent {
  readonly origin: FreightOrigin;
  readonly images: readonly FreightImage[];
  readonly commits?: readonly FreightCommit[];
  readonly charts?: readonly FreightChart[];
}

/** Freight that no subscription discovered: what Stages ran when they were first looked at. */
export interface FreightFound {
  /** The Stages that ran it. It is approved for these and no others, and never auto-promoted. */
  readonly stages: readonly string[];
}

/** An immutable set of artifacts. */
export interface Freight extends FreightContent {
  /** Kargo's: 40 lower-case hex digits. */
  readonly id: string;
  /** `adjective-animal`, unique within the repository. */
  readonly alias: string;
  /** RFC 3339, UTC. */
  readonly discoveredAt: string;
  readonly found?: FreightFound;
}
