import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CHANNELS, channelTags, DELAY_MS, REPOSITORIES } from './registry-content.js';
import { type Benchmark, judged, type Row, type Target } from './row.js';
import { median, rounded, timed } from './samples.js';

const run = promisify(execFile);

const TARGET: Target = { row: 'resolve', atLeast: 70, unit: '× skopeo loop' };
const CLIENT_RUNS = 5;
/** Calls of skopeo that are timed; a thousand of them would take minutes. */
const SAMPLE = 20;

/** Whole processes on both sides: one that resolves every tag, and a command for each tag. */
export const resolve: Benchmark = {
  targets: [TARGET],
  needs: ['skopeo'],
  measure: () => withRegistry(measure),
};

async function withRegistry<T>(work: (host: string) => Promise<T>): Promise<T> {
  const registry = fork(join(import.meta.dirname, 'registry-process.js'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    const [message] = await once(registry, 'message');
    return await work((message as { readonly host: string }).host);
  } finally {
    registry.kill();
  }
}

async function measure(host: string): Promise<readonly Row[]> {
  const tags = channelTags(host);
  const client: number[] = [];
  const skopeo: number[] = [];
  const step = Math.floor(tags.length / SAMPLE);
  for (let round = 0; round < CLIENT_RUNS; round++) {
    let digests: readonly string[] = [];
    client.push(
      await timed(async () => {
        digests = await resolveAll(host);
      }),
    );
    // The loop is sampled between the client's runs, and across all repositories.
    for (let call = round; call < SAMPLE; call += CLIENT_RUNS) {
      const index = call * step;
      let digest = '';
      skopeo.push(
        await timed(async () => {
          digest = await inspect(tags[index] ?? '');
        }),
      );
      if (digest !== digests[index])
        throw new Error(`${tags[index]}: skopeo says ${digest}, the client ${digests[index]}`);
    }
  }
  const loop = median(skopeo) * tags.length;
  return [
    judged(
      TARGET,
      loop / median(client),
      `${REPOSITORIES.length} repositories × ${CHANNELS.length} tags, ${DELAY_MS} ms a request: ${rounded(median(client))} ms ` +
        `(a cold process, median of ${client.length}) against ${rounded(median(skopeo))} ms a skopeo inspect ` +
        `(median of ${skopeo.length}, one after the other) × ${tags.length}`,
    ),
  ];
}

async function resolveAll(host: string): Promise<readonly string[]> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'resolve-process.js'), host]);
  return stdout.trim().split('\n');
}

async function inspect(reference: string): Promise<string> {
  const options = ['--no-tags', '--tls-verify=false', '--format', '{{.Digest}}'];
  const { stdout } = await run('skopeo', ['inspect', ...options, `docker://${reference}`]);
  return stdout.trim();
}
