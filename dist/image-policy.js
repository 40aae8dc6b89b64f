import { entries } from './index.js';
await entries["image-policy"]();
