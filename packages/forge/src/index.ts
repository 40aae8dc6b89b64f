export type { ClientOptions } from './client.js';
export * from './create-forge.js';
