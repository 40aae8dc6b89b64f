import { parseReference, type Resolution, type ResolvedImage, shortDigest } from '@waybill/core';
import { explainUnreadable } from '@waybill/registry';
import {
  blocks,
  code,
  defineAction,
  heading,
  lines,
  type Markdown,
  raw,
  runAction,
  table,
  timestamp,
} from '@waybill/runtime';
import { connectRegistry } from '../../shared/connect.js';
import { registryInputs } from '../../shared/inputs.js';

export const resolveDigest = defineAction({
  name: 'resolve-digest',
  description:
    'Resolves image references to the digest of what their tags point at, hashed here and never believed from a header. The index for a multi-platform image.',
  inputs: {
    images: lines({ description: 'Image references, one a line: `ghcr.io/o/api:main`.', required: true }),
    platforms: lines({ description: 'Platforms that each image must have, one a line: `linux/amd64`.' }),
    ...registryInputs,
  },
  outputs: {
    ref: { description: 'The pinned reference, `repository@digest`, when one image was given.' },
    digest: { description: 'Its digest.' },
    revision: { description: 'The commit it was built from, as its annotations or labels say.' },
    created: { description: 'When it was built, RFC 3339, as its annotations or labels say.' },
    refs: {
      description:
        'All of them, in order, as JSON: `[{image, ref, digest, platforms, revision, created}]`. Absent facts are null.',
    },
  },
});

/** Needs no configuration and no forge. */
export function runResolveDigest(): Promise<void> {
  return runAction(resolveDigest, async (run) => {
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
  });
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
