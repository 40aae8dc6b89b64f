export * from './run.js';
export * from './ports.js';
export { CONFIG_FILE, POLICIES_FILE } from './load.js';
export * from './propose.js';
export * from './inventory.js';
