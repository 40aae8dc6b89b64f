import { commonInputs, defineAction, flag, lines } from '@waybill/runtime';

export const inventory = defineAction({
  name: 'inventory',
  description:
    'Lists which image stands where: image × Stage → file and line, and what keeps an image from moving. Without waybill.yaml it guesses environments and first-party images and drafts one.',
  inputs: {
    files: lines({
      description: 'Globs of the YAML files to look at, one a line, such as `sources/values/**`.',
      default: '**',
    }),
    'first-party': lines({
      description:
        'Globs of the repositories that are yours (`ghcr.io/my-org/*`), one a line. Without it: what waybill.yaml says, else a guess.',
    }),
    write: flag({
      description:
        'Write the draft to `waybill.yaml` in the workspace (check the repository out first). Never overwrites; with `dry-run` the draft is only shown.',
    }),
    token: commonInputs.token,
    repository: commonInputs.repository,
    'dry-run': commonInputs['dry-run'],
  },
  outputs: {
    inventory: {
      description:
        'Every place of a first-party image, as JSON: `[{image, stage, file, line, key, tag, digest, warehouses}]`. `stage` is null in shared files; absent facts are null.',
    },
    problems: {
      description:
        'What keeps images from moving, as JSON: `[{kind, image, stage, text, places: [{file, line, key}]}]`. Kinds: `unsafe`, `shared-only`, `unsubscribed`, `unreferenced`, `not-requested`, `two-digests`, `unpinned`, `missing`.',
    },
    config: { description: 'The drafted waybill.yaml; empty when there is one already, or nothing to draft it from.' },
  },
});
