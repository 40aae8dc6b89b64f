export { freightAlias } from './alias.js';
export { type Assembly, assembleFreight, createFreight, type MissingArtifact } from './assemble.js';
export type { Discovery, SkippedTag, TagResolution } from './discovery.js';
export { freightId, SHORT_ID_LENGTH, shortId } from './id.js';
export { ENTROPY_BYTES, type PromotionNameParts, parsePromotionName, promotionName } from './promotion-name.js';
export { type ImageSelection, imageSelection } from './selection.js';
export { compileTagPattern, type TagPattern } from './tag-pattern.js';
export type * from './types.js';
export { normChart, normGit, normImage } from './urls.js';
