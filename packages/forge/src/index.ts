export type { ClientOptions } from './client.js';
export * from './create-forge.js';
export * from './git/index.js';
