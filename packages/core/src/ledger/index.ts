export { gitBlobOid } from './blob.js';
export { parseFreight, parseState, printFreight, printState } from './codec.js';
export * from './history.js';
export * from './state.js';
export { LEDGER_TRAILER, lastRecorded, trustLedger, untrusted } from './trust.js';
