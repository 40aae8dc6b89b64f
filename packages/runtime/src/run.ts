import type { Clock, Log } from '@waybill/core';
import { type Annotations, createAnnotations } from './annotations.js';
import { type Entropy, systemClock, systemEntropy } from './clock.js';
import { type Commands, createCommands } from './commands.js';
import { type RunContext, readContext } from './context.js';
import type { ActionDefinition, Decision, InputValues, OutputName, OutputValue } from './definition.js';
import type { Environment } from './environment.js';
import { describeCauses, describeFailure, type Failure, failureSection, statement } from './errors.js';
import { createFetch, type Fetch } from './http.js';
import { createLog } from './log.js';
import { readInputs } from './read-inputs.js';
import { createSecrets } from './secrets.js';
import { createSummary, type Summary } from './summary.js';

/** What an action works with: its inputs and the edge of the process. */
export interface Run<D extends ActionDefinition> {
  readonly inputs: InputValues<D>;
  readonly context: RunContext;
  readonly log: Log;
  readonly annotations: Annotations;
  readonly summary: Summary;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly fetch: Fetch;
  readonly env: Environment;
  /** Outputs survive a failure. The last value given to a name counts. */
  output(name: Exclude<OutputName<D>, 'decision' | 'reason-code'>, value: OutputValue): void;
  /** For secrets that a run obtains itself, such as an installation token. */
  mask(secret: string): void;
}

/** How a run ended well. Whoever has to refuse throws a WaybillError. */
export interface Outcome {
  readonly decision: Exclude<Decision, 'refused' | 'failed'>;
  /** Kebab-case and stable: `pull-request-opened`, `nothing-new`. */
  readonly reasonCode: string;
}

/** The process, as far as a run touches it. */
export interface Edge {
  readonly env: Environment;
  readonly clock: Clock;
  readonly entropy: Entropy;
  write(text: string): void;
  setExitCode(code: number): void;
}

/**
 * Runs an action: reads its inputs, does its work, and then always writes the summary, the outputs and the
 * annotations, in this order. A failure sets `decision` and `reason-code`, ends the log with what happened and what
 * to do, and the process with exit code 1. Never rejects.
 */
export async function runAction<D extends ActionDefinition>(
  definition: D,
  work: (run: Run<D>) => Promise<Outcome>,
  edge: Edge = processEdge(),
): Promise<void> {
  const { env, clock, entropy } = edge;
  const commands = createCommands(env, edge.write, () => Buffer.from(entropy.bytes(16)).toString('hex'));
  const secrets = createSecrets(commands.mask);
  const annotations = createAnnotations(commands, secrets.redact);
  const log = createLog(commands, annotations, secrets.redact);
  const summary = createSummary();
  const outputs = new Map<string, OutputValue>();

  let ended: { readonly outcome: Outcome } | { readonly failure: Failure };
  try {
    const inputs = readInputs(definition, env, secrets);
    const outcome = await work({
      inputs,
      context: readContext(env),
      log,
      annotations,
      summary,
      clock,
      entropy,
      fetch: createFetch(env),
      env,
      output: (name, value) => {
        outputs.set(name, value);
      },
      mask: secrets.add,
    });
    ended = { outcome };
  } catch (caught) {
    log.debug(describeCauses(caught));
    const failure = describeFailure(caught, reportUrl(env));
    ended = { failure };
    summary.lead('failure', failureSection(definition.name, failure, secrets.redact));
    for (const error of failure.errors) {
      annotations.add('error', error.message, error.where, FAILURE_WEIGHT);
    }
  }

  const { decision, reasonCode } = 'outcome' in ended ? ended.outcome : ended.failure;
  outputs.set('decision', decision).set('reason-code', reasonCode);
  try {
    commands.summary(secrets.redact(summary.render()));
    writeOutputs(outputs, commands);
  } catch (caught) {
    // A full disk, or a runner without its files: said, and never taken for success.
    log.debug(describeCauses(caught));
    ended = { failure: describeFailure(caught, reportUrl(env)) };
  }
  annotations.flush();
  if ('failure' in ended) {
    printFailure(ended.failure, log);
    edge.setExitCode(1);
  } else {
    log.info(`${definition.name}: ${decision} (${reasonCode})`);
  }
}

/** The running process. The exit code is set, not forced, so that what was written gets out. */
export function processEdge(): Edge {
  return {
    env: process.env,
    clock: systemClock,
    entropy: systemEntropy,
    write: (text) => {
      process.stdout.write(text);
    },
    setExitCode: (code) => {
      process.exitCode = code;
    },
  };
}

/** Heavier than whatever the action annotated itself: why it failed must be among the ten that are shown. */
const FAILURE_WEIGHT = Number.MAX_SAFE_INTEGER;

function writeOutputs(outputs: ReadonlyMap<string, OutputValue>, commands: Commands): void {
  for (const [name, value] of outputs) {
    commands.output(name, outputText(value));
  }
}

function outputText(value: OutputValue): string {
  if (value === undefined) {
    return '';
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The last lines of the log, where people look first. */
function printFailure(failure: Failure, log: Log): void {
  for (const error of failure.errors) {
    log.info(`${failure.decision} (${error.code}): ${statement(error)}`);
    log.info(`What to do: ${error.remedy}`);
  }
}

function reportUrl(env: Environment): string {
  const repository = env.GITHUB_ACTION_REPOSITORY ?? '';
  return repository === ''
    ? 'the repository that this action comes from'
    : `${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${repository}/issues/new`;
}
