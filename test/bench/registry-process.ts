import { buildImage, pushBuilt, startRegistry } from '@waybill/testbed';
import { CHANNELS, DELAY_MS, REPOSITORIES } from './registry-content.js';

// The registry that the resolve row asks, in a process of its own: its work must not stand in the client's way.
const registry = await startRegistry();
for (const repository of REPOSITORIES) {
  const image = buildImage({ repository, revision: repository, created: '2026-11-20T15:02:03Z' });
  for (const [index, tag] of CHANNELS.entries()) {
    // Every tag is another index; what lies below is pushed once a repository, for the seeding's sake.
    const { top } = buildImage({ repository, revision: `${repository}/${tag}`, created: '2026-11-20T15:02:03Z' });
    await pushBuilt(registry, { ...image, top, ...(index === 0 ? {} : { children: [], blobs: new Map() }) }, [tag]);
  }
}
registry.configure({ delayMs: DELAY_MS });
process.on('disconnect', () => process.exit());
process.send?.({ host: registry.host });
