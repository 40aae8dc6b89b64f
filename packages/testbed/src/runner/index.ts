export { checkoutBuiltin } from './checkout.js';
export { NotInTestBed, RunnerError } from './errors.js';
export { dispatchInputs } from './inputs.js';
export { findNode } from './node-path.js';
export { type JobRecord, runAnnotations, runLog, runSummaries, type WorkflowRun } from './records.js';
export { type ActionResult, type RunActionOptions, runAction } from './run-action.js';
export type { LogEntry } from './run-context.js';
export { type Runner, type RunnerOptions, startRunner } from './runner.js';
export type { Conclusion, StepReport } from './session.js';
export {
  type ActionSource,
  type BuiltinAction,
  type BuiltinContext,
  firstOf,
  type RemoteReference,
  type RepositoryFiles,
  type ResolveAction,
  resolveFrom,
} from './source.js';
export type { Annotation, LogGroup } from './step-log.js';
export { parseWorkflowFile, type WorkflowFile } from './workflow-file.js';
