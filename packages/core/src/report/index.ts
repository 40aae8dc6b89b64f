export * from './blocks.js';
export { renderBoard } from './board.js';
export * from './budget.js';
export { readableInstant } from './instant.js';
export { escaped, type Interpolation, isMarkdown, joined, type Markdown, markdown, raw, render } from './markdown.js';
export { pullRequestBody, pullRequestTitle } from './pull-request.js';
export * from './text.js';
export * from './trailers.js';
