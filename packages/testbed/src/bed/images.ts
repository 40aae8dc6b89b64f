import { createHash } from 'node:crypto';
import { type PushedImage, type PushTarget, pushImage, tagImage } from '../registry/index.js';

/** The services of examples/gitops-repo, with the image that migrates the API's database. */
export const EXAMPLE_SERVICES = ['api', 'migrations', 'web', 'gateway', 'worker', 'graph', 'agents'] as const;

/** The commit of the example's application repository that a generation of images is built from. */
export function exampleRevision(generation: number): string {
  return createHash('sha1').update(`platform ${generation}`).digest('hex');
}

/**
 * Builds and pushes one generation of an example image as its application's CI does: multi-platform, with attestations,
 * under its unique SHA tag and the channel tag `main`. Generation 1 is what examples/gitops-repo pins.
 */
export async function pushExampleImage(target: PushTarget, service: string, generation: number): Promise<PushedImage> {
  const revision = exampleRevision(generation);
  const image = await pushImage(target, {
    repository: `ameideio/${service}`,
    tags: [revision],
    seed: `${service} ${generation}`,
    attestations: true,
    revision,
    created: `2026-11-${String(generation).padStart(2, '0')}T08:00:00Z`,
    annotations: { 'org.opencontainers.image.source': 'https://github.com/ameideio/platform' },
  });
  await tagImage(target, `ameideio/${service}`, revision, ['main']);
  return image;
}
