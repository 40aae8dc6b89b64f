export { gitBlobOid } from './blob.js';
export { parseFreight, parseState, printFreight, printState } from './codec.js';
export * from './history.js';
export * from './state.js';
export { LEDGER_TRAILER, lastRecorded, trustCommits, trustState, untrusted } from './trust.js';
