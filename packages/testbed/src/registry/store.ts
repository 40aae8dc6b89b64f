import { sha256 } from './digest.js';

export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** What one repository holds. Tags keep the order of their first push. */
export interface StoredRepository {
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, string>;
  readonly blobs: Set<string>;
}

/** Memory behind the registry: repositories by name, blob bytes by digest (shared by all, as mounting expects). */
export interface RegistryStore {
  readonly repository: (name: string) => StoredRepository | undefined;
  /** The repository, made when it isn't there. */
  readonly ensure: (name: string) => StoredRepository;
  readonly addBlob: (repository: string, bytes: Uint8Array) => string;
  /** Blob bytes, when the repository has them. */
  readonly blob: (repository: string, digest: string) => Uint8Array | undefined;
  /** Blob bytes in whatever repository: what a content network serves. */
  readonly anyBlob: (digest: string) => Uint8Array | undefined;
}

export function createStore(): RegistryStore {
  const repositories = new Map<string, StoredRepository>();
  const contents = new Map<string, Uint8Array>();
  const ensure = (name: string): StoredRepository => {
    const known = repositories.get(name);
    if (known !== undefined) return known;
    const made: StoredRepository = { manifests: new Map(), tags: new Map(), blobs: new Set() };
    repositories.set(name, made);
    return made;
  };
  return {
    repository: (name) => repositories.get(name),
    ensure,
    addBlob(repository, bytes) {
      const digest = sha256(bytes);
      contents.set(digest, bytes);
      ensure(repository).blobs.add(digest);
      return digest;
    },
    blob: (repository, digest) =>
      repositories.get(repository)?.blobs.has(digest) === true ? contents.get(digest) : undefined,
    anyBlob: (digest) => contents.get(digest),
  };
}
