export {
  blocks,
  code,
  codeBlock,
  commitMessage,
  details,
  escaped,
  fitSections,
  heading,
  type Interpolation,
  isMarkdown,
  joined,
  type LinkTo,
  linksTo,
  list,
  longTable,
  type Markdown,
  markdown,
  parseTrailers,
  plainLine,
  raw,
  render,
  type Section,
  type Trailer,
  table,
  timestamp,
  trailerValue,
} from '@waybill/core';
export type { Annotations } from './annotations.js';
export { type Entropy, systemClock, systemEntropy } from './clock.js';
export type { AnnotationKind, AnnotationPlace } from './commands.js';
export { type RunContext, readContext } from './context.js';
export {
  type ActionDefinition,
  commonOutputs,
  DECISIONS,
  type Decision,
  defineAction,
  type InputDefinition,
  type InputKind,
  type InputValues,
  type OutputDefinition,
  type OutputName,
  type OutputValue,
  type Parsed,
} from './definition.js';
export type { Environment } from './environment.js';
export { createFetch, type Fetch } from './http.js';
export { choice, commonInputs, flag, integer, lines, text } from './inputs.js';
export { type Edge, type Outcome, processEdge, type Run, runAction } from './run.js';
export type { Summary } from './summary.js';
