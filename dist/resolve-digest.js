import { entries } from './index.js';
await entries["resolve-digest"]();
