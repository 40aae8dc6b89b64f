export type { GitBlob } from './blobs.js';
export type { GitChange, GitFile, GitListing, GitOddity, GitTree } from './entries.js';
export type { GitEnvironment } from './environment.js';
export type { GitRemote } from './remote.js';
export { type GitRepository, openGit } from './repository.js';
