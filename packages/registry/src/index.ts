export * from './create-registry.js';
export * from './credentials.js';
export {
  type DockerConfig,
  type DockerConfigOptions,
  loadDockerConfig,
  type RunHelper,
} from './docker-config.js';
export { absentError, explainUnreadable } from './errors.js';
export type { Fetch, FetchInit, FetchResponse } from './fetch.js';
export { createNodeFetch, type NodeFetch } from './node-fetch.js';
export { proxiedBy } from './proxy.js';
export type { RealmTable } from './realm.js';
