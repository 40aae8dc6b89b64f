export type { GitBlob } from './blobs.js';
export type { GitChange, GitFile, GitListing, GitOddity, GitTree } from './entries.js';
export type { GitEnvironment } from './environment.js';
export { type GitRemote, isOid } from './remote.js';
export { createGitStore, type GitRepository, isInGit, openGit } from './repository.js';
