import { afterAll, beforeAll, describe, it } from '@jest/globals';
import {
  type Credentials,
  connectRaw,
  optionalServerAbsent,
  type PushTarget,
  type RawClient,
  type RegistryTarget,
  type RunningRegistry,
  registryTargets,
} from '@waybill/testbed';

/** What a contract test has in hand: a running registry, and clients for those who may use it. */
export interface Bench {
  readonly target: RegistryTarget;
  readonly registry: () => RunningRegistry;
  /** Where `pushImage` pushes to, as the one who may. */
  readonly writer: () => PushTarget;
  /** Sends requests as the one who may do everything. */
  readonly send: RawClient;
  /** Sends requests as someone else; undefined is nobody. */
  readonly sendAs: (credentials: Credentials | undefined) => RawClient;
}

export interface TargetFilter {
  /** Open and token auth when left out: Basic differs in nothing but the login. */
  readonly auth?: readonly RegistryTarget['auth'][];
}

/** Runs the same tests against every registry of the test bed; one that can't be started is skipped with its reason. */
export function describeTargets(subject: string, tests: (bench: Bench) => void, filter: TargetFilter = {}): void {
  for (const target of registryTargets()) {
    if (!(filter.auth ?? ['none', 'token']).includes(target.auth)) continue;
    const title = `${subject}: ${target.name}`;
    if (target.absent === undefined) describe(title, () => onTarget(target, tests));
    else describe.skip(`${title} (${target.absent})`, () => onTarget(target, tests));
  }
}

/** A test whose oracle is skopeo: skipped, and saying so, where that is missing. */
export function itAsksSkopeo(title: string, test: () => Promise<void>): void {
  const absent = optionalServerAbsent('skopeo');
  if (absent === undefined) it(title, test);
  else it.skip(`${title} (${absent})`, test);
}

function onTarget(target: RegistryTarget, tests: (bench: Bench) => void): void {
  let running: RunningRegistry | undefined;
  let client: RawClient | undefined;
  const registry = (): RunningRegistry => {
    if (running === undefined) throw new Error(`${target.name} is not running`);
    return running;
  };
  const sendAs = (credentials: Credentials | undefined): RawClient =>
    connectRaw({ url: registry().url, ...(credentials === undefined ? {} : { credentials }) });
  beforeAll(async () => {
    running = await target.start();
    client = sendAs(running.writer);
  });
  afterAll(async () => {
    await running?.close();
  });
  tests({
    target,
    registry,
    writer() {
      const { url, writer } = registry();
      return { url, ...(writer === undefined ? {} : { credentials: writer }) };
    },
    send: (path, request) => (client ?? sendAs(registry().writer))(path, request),
    sendAs,
  });
}

/** The codes of an OCI error body (distribution spec, "Error Codes"). */
export function errorCodes(body: Uint8Array): readonly string[] {
  const { errors } = JSON.parse(Buffer.from(body).toString('utf8')) as {
    readonly errors: readonly { readonly code: string }[];
  };
  return errors.map(({ code }) => code);
}
