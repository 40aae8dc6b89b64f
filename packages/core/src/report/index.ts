export * from './blocks.js';
export * from './budget.js';
export { escaped, type Interpolation, isMarkdown, joined, type Markdown, markdown, raw, render } from './markdown.js';
export * from './text.js';
export * from './trailers.js';
export { renderBoard } from './board.js';
export { pullRequestBody, pullRequestTitle } from './pull-request.js';
