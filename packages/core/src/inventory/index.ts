export { type Draft, type DraftOptions, draftConfig } from './draft.js';
export { type InventoryRow, inventoryRows } from './rows.js';
export { takeInventory } from './take.js';
export * from './types.js';
