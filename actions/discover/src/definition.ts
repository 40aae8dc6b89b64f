import { defineAction } from '@waybill/runtime';
import { pathInputs } from '../../shared/inputs.js';

export const discover = defineAction({
  name: 'discover',
  description:
    "Looks at each Warehouse's subscriptions and records what it finds as Freight in the ledger, once. Promotes nothing.",
  inputs: pathInputs,
  outputs: {
    freight: {
      description:
        'The Freight that each Warehouse offers now, as JSON: `{warehouse: {id, alias, images: [{repoURL, tag, digest}]}}`. A Warehouse that misses an image is left out.',
    },
  },
});
