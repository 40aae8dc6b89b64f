export * from './bed/index.js';
export type { LogEntry } from './github/index.js';
export * from './github/index.js';
export * from './registry/index.js';
export * from './runner/index.js';
