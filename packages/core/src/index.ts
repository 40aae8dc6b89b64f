export * from './errors.js';
export type * from './image/reference.js';
export type * from './ports/clock.js';
export type * from './ports/log.js';
export type * from './ports/registry.js';
