import { defineAction, flag, lines } from '@waybill/runtime';
import { pathInputs } from '../../shared/inputs.js';

export const bump = defineAction({
  name: 'bump',
  description:
    'Moves the fast lanes: the newest available Freight into each Stage whose policy auto-promotes. Without waybill.yaml: resolves `images` and pins them in `files`, in one pull request.',
  inputs: {
    images: lines({
      description: 'Without configuration: image references to resolve, one a line (`ghcr.io/o/api:main`).',
    }),
    files: lines({ description: 'Without configuration: globs of the files to write, one a line.' }),
    'auto-merge': flag({
      description: 'Without configuration: merge the pull request by itself once its checks have passed.',
      default: true,
    }),
    ...pathInputs,
  },
  outputs: {
    promotions: {
      description: 'The Promotions that are on their way, as JSON: `[{name, stage, freight, pullRequest}]`.',
    },
    'pull-request': { description: 'Without configuration: the number of the pull request.' },
  },
});
