/** An image reference, parsed and normalised. `repository` is the identity two references are compared by. */
export interface ImageReference {
  /** As it was written. */
  readonly text: string;
  /** Normalised `domain/path`: `docker.io/library/redis`, `ghcr.io/o/api`. */
  readonly repository: string;
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  /** `sha256:` (or sha384, sha512) and lower-case hex of the right length. */
  readonly digest?: string;
}
