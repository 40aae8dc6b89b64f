import { buildImage, pushBuilt, startRegistry } from '@waybill/testbed';
import { CHANNELS, DELAY_MS, REPOSITORIES } from './registry-content.js';

// The registry that the resolve row asks, in a process of its own: its work must not stand in the client's way.
const registry = await startRegistry();
for (const repository of REPOSITORIES) {
  for (const [index, tag] of CHANNELS.entries()) {
    // Every tag is another index over the same manifests, which are pushed once: seeding is not what is measured.
    const image = buildImage({ repository, annotations: { 'org.opencontainers.image.version': tag } });
    await pushBuilt(registry, index === 0 ? image : { ...image, children: [], blobs: new Map() }, [tag]);
  }
}
registry.configure({ delayMs: DELAY_MS });
process.on('disconnect', () => process.exit());
process.send?.({ host: registry.host });
