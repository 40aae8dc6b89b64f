export { type Draft, type DraftOptions, draftConfig } from './draft.js';
export { type InventoryRow, inventoryRows, takeInventory } from './take.js';
export * from './types.js';
