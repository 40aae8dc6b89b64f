export { type Availability, availability, availableFreight, freightOf } from './availability.js';
export {
  type EditResult,
  type ImageChange,
  type ImageTarget,
  imageEdits,
  promotionEdits,
  type StageEdits,
} from './edits.js';
export { compareWithFreight, type Place, placesByRepository } from './runs.js';
export type { StageFile, StageTree } from './tree.js';
