import { entries } from './index.js';
await entries["inventory"]();
