import { parseReference } from '@waybill/core';
import { anonymousCredentials, createNodeFetch, createRegistry } from '@waybill/registry';
import { systemClock } from '@waybill/runtime';
import { channelTags } from './registry-content.js';
import { silentLog } from './silent-log.js';

// One cold client: a process that resolves every tag once and prints the digests, as the loop of commands would.
const [host = ''] = process.argv.slice(2);
const registry = createRegistry({
  fetch: createNodeFetch(),
  credentials: anonymousCredentials,
  clock: systemClock,
  log: silentLog,
});
const resolutions = await registry.resolve(channelTags(host).map((tag) => parseReference(tag)));
const digests = resolutions.map((resolution) =>
  resolution.kind === 'resolved' ? resolution.image.digest : `${resolution.kind} ${resolution.reference.text}`,
);
process.stdout.write(`${digests.join('\n')}\n`);
