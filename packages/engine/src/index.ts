export * from './inventory.js';
export { CONFIG_FILE, POLICIES_FILE } from './load.js';
export * from './ports.js';
export * from './propose.js';
export * from './run.js';
