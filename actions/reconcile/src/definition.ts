import { defineAction } from '@waybill/runtime';
import { pathInputs } from '../../shared/inputs.js';

export const reconcile = defineAction({
  name: 'reconcile',
  description:
    'Brings a GitOps repository up to date with its registry and its ledger: discovers Freight, auto-promotes it, notices what landed or was closed, and holds what people changed by hand. Idempotent.',
  inputs: pathInputs,
  outputs: {
    promotions: {
      description: 'The Promotions that are on their way, as JSON: `[{name, stage, freight, pullRequest}]`.',
    },
  },
});
