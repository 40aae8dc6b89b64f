import { readFile, stat } from 'node:fs/promises';
import { WaybillError } from '@waybill/core';
import type { Environment } from './environment.js';

/**
 * Which run this is, from the runner's variables.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 */
export interface RunContext {
  /** `owner/name` of the repository whose workflow runs. */
  readonly repository: string;
  readonly owner: string;
  readonly name: string;
  /** The commit that started the run; absent for the few events that have none. */
  readonly sha: string | undefined;
  /** `refs/heads/main`, `refs/pull/1/merge`; absent for the few events that have none. */
  readonly ref: string | undefined;
  /** `main`, `1/merge`. */
  readonly refName: string | undefined;
  readonly runId: string;
  readonly runAttempt: number;
  /** Who started the first attempt. */
  readonly actor: string;
  /** Who started this attempt: another person than `actor` when it is run again. */
  readonly triggeringActor: string;
  readonly eventName: string;
  /** Without a slash at the end, as the next two. */
  readonly serverUrl: string;
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  readonly workflow: string;
  /** `owner/name/.github/workflows/x.yml@ref`. */
  readonly workflowRef: string;
  readonly job: string;
  /** The page of this attempt. */
  readonly runUrl: string;
  /** `owner/name` of the repository the action comes from; absent for one used by path. */
  readonly actionRepository: string | undefined;
  /**
   * The event's payload, read at the first call. It is a hint from outside: parse what you take from it.
   * @throws WaybillError input-invalid — no payload, more than 4 MiB, or not a JSON object
   */
  event(): Promise<Readonly<Record<string, unknown>>>;
}

const EVENT_LIMIT = 4 * 1024 * 1024;

/** @throws WaybillError input-invalid — naming every variable that is missing or malformed */
export function readContext(env: Environment): RunContext {
  const wrong: string[] = [];
  const required = (name: string, grammar: RegExp): string => {
    const value = env[name] ?? '';
    if (!grammar.test(value)) {
      wrong.push(name);
    }
    return value;
  };
  const optional = (name: string, grammar: RegExp): string | undefined => {
    const value = env[name] ?? '';
    return value === '' ? undefined : required(name, grammar);
  };
  const url = (name: string): string => {
    const parsed = URL.parse(env[name] ?? '');
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
      wrong.push(name);
    }
    return (env[name] ?? '').replace(/\/+$/, '');
  };

  const repository = required('GITHUB_REPOSITORY', /^[\w.-]+\/[\w.-]+$/);
  const [owner = '', name = ''] = repository.split('/');
  const serverUrl = url('GITHUB_SERVER_URL');
  const runId = required('GITHUB_RUN_ID', /^\d+$/);
  const runAttempt = required('GITHUB_RUN_ATTEMPT', /^[1-9]\d*$/);
  const actor = required('GITHUB_ACTOR', ONE_LINE);
  const facts = {
    repository,
    owner,
    name,
    sha: optional('GITHUB_SHA', /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/),
    ref: optional('GITHUB_REF', ONE_LINE),
    refName: optional('GITHUB_REF_NAME', ONE_LINE),
    runId,
    runAttempt: Number(runAttempt),
    actor,
    triggeringActor: optional('GITHUB_TRIGGERING_ACTOR', ONE_LINE) ?? actor,
    eventName: required('GITHUB_EVENT_NAME', /^\w+$/),
    serverUrl,
    apiUrl: url('GITHUB_API_URL'),
    graphqlUrl: url('GITHUB_GRAPHQL_URL'),
    workflow: env.GITHUB_WORKFLOW ?? '',
    workflowRef: env.GITHUB_WORKFLOW_REF ?? '',
    job: env.GITHUB_JOB ?? '',
    runUrl: `${serverUrl}/${repository}/actions/runs/${runId}/attempts/${runAttempt}`,
    actionRepository: optional('GITHUB_ACTION_REPOSITORY', /^[\w.-]+\/[\w.-]+$/),
  };
  if (wrong.length > 0) {
    throw new WaybillError('input-invalid', {
      what: `The environment lacks a usable ${wrong.join(', ')}`,
      remedy: 'Run this as a step of a GitHub Actions job, which sets the GITHUB_* variables.',
    });
  }
  let event: Promise<Readonly<Record<string, unknown>>> | undefined;
  return {
    ...facts,
    event: () => {
      event ??= readEvent(env.GITHUB_EVENT_PATH ?? '');
      return event;
    },
  };
}

/** Something, on one line. */
const ONE_LINE = /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u;

async function readEvent(path: string): Promise<Readonly<Record<string, unknown>>> {
  const refuse = (what: string, cause?: unknown) =>
    new WaybillError('input-invalid', {
      what,
      remedy: 'Start the run again; what Waybill needs of an event it also finds on the schedule.',
      cause,
    });
  let payload: unknown;
  try {
    const { size } = await stat(path);
    if (size > EVENT_LIMIT) {
      throw refuse(`The event's payload has ${size} bytes, more than the ${EVENT_LIMIT} that are read`);
    }
    payload = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw error instanceof WaybillError ? error : refuse("The event's payload can't be read as JSON", error);
  }
  if (!isRecord(payload)) {
    throw refuse("The event's payload is not a JSON object");
  }
  return payload;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
