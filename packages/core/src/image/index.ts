export * from './digest.js';
export * from './reference.js';
export * from './tag-class.js';
