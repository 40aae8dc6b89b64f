import { parseReference, type Resolution, type ResolvedImage, shortDigest } from '@waybill/core';
import { explainUnreadable } from '@waybill/registry';
import { blocks, code, heading, type Markdown, type Outcome, type Run, raw, table, timestamp } from '@waybill/runtime';
import { connectRegistry } from '../../shared/connect.js';
import type { resolveDigest } from './definition.js';

/** Needs no configuration and no forge. */
export async function perform(run: Run<typeof resolveDigest>): Promise<Outcome> {
  const { inputs } = run;
  const references = inputs.images.map((image) => parseReference(image));
  const registry = await connectRegistry(run, inputs);
  const resolutions = await run.log.group(`Resolving ${references.length} images`, () =>
    registry.resolve(references, { labels: true, platforms: inputs.platforms }),
  );
  const images = resolved(resolutions);
  run.output('refs', images.map(output));
  const [only, ...others] = images;
  if (only !== undefined && others.length === 0) {
    run.output('ref', pinned(only));
    run.output('digest', only.digest);
    run.output('revision', only.revision);
    run.output('created', only.created);
  }
  run.summary.add('Digests', blocks([heading(2, `Waybill: resolved ${images.length} images`), digests(images)]));
  return { decision: 'done', reasonCode: 'resolved' };
}

/** @throws WaybillError one, that lists every image which could not be read and what to do about each */
function resolved(resolutions: readonly Resolution[]): readonly ResolvedImage[] {
  const unreadable = explainUnreadable(resolutions);
  if (unreadable !== undefined) throw unreadable;
  return resolutions.flatMap((resolution) => (resolution.kind === 'resolved' ? [resolution.image] : []));
}

function pinned(image: ResolvedImage): string {
  return `${image.reference.repository}@${image.digest}`;
}

function output(image: ResolvedImage): Readonly<Record<string, unknown>> {
  return {
    image: image.reference.text,
    ref: pinned(image),
    digest: image.digest,
    platforms: image.platforms,
    revision: image.revision ?? null,
    created: image.created ?? null,
  };
}

function digests(images: readonly ResolvedImage[]): Markdown {
  return table(
    ['Image', 'Digest', 'Platforms', 'Revision', 'Created'],
    images.map((image) => [
      code(image.reference.text),
      code(shortDigest(image.digest)),
      image.platforms.length === 0 ? raw('–') : image.platforms.join(', '),
      image.revision === undefined ? raw('–') : code(image.revision.slice(0, 12)),
      image.created === undefined ? raw('–') : timestamp(image.created),
    ]),
  );
}
