export type { Account, Credentials, RegistryAuth, TokenAuth } from './access.js';
export { type LinkStyle, REGISTRY_DIALECTS, type RegistryDialect } from './dialect.js';
export { sha256 } from './digest.js';
export {
  type DockerRegistry,
  type DockerRegistryAuth,
  HTPASSWD_ACCOUNT,
  startDockerRegistry,
} from './docker-registry.js';
export type { FaultTarget, RegistryFault, RetryAfter } from './faults.js';
export { type BuiltImage, type BuiltManifest, buildImage, type ImageChild, type ImageSpec } from './image.js';
export * from './media-types.js';
export { type ProxyConnection, type RegistryProxy, type RegistryProxyOptions, startRegistryProxy } from './proxy.js';
export {
  type PushedChild,
  type PushedImage,
  type PushOptions,
  pushBlob,
  pushBuilt,
  pushImage,
  tagImage,
} from './push.js';
export { connectRaw, type PushTarget, type RawClient, type RawRequest, type RawResponse } from './raw-client.js';
export type { RequestFilter, RequestLog, RequestRecord } from './request-log.js';
export type { ManifestPushed } from './routes.js';
export { type RegistryOptions, startRegistry, type TestRegistry } from './server.js';
export { skopeoDigest } from './skopeo.js';
export { type RegistryTarget, type RunningRegistry, registryTargets } from './targets.js';
export { findTool, optionalServerAbsent } from './tools.js';
