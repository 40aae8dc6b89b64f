import { defineAction, lines } from '@waybill/runtime';
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
