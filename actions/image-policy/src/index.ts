export { perform } from './perform.js';
