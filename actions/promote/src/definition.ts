import { defineAction, lines, text } from '@waybill/runtime';
import { pathInputs } from '../../shared/inputs.js';

export const promote = defineAction({
  name: 'promote',
  description:
    'Puts one Freight into one Stage by a pull request that carries its exact digests. Without waybill.yaml: copies the digests of first-party images from one environment’s files to another’s.',
  inputs: {
    stage: text({ description: 'The Stage to promote into.' }),
    freight: text({
      description: 'ID, unique prefix or alias of the Freight; empty for the newest that is available to the Stage.',
    }),
    warehouse: text({
      description: 'Only where the Stage takes Freight of several Warehouses and `freight` is empty.',
    }),
    reason: text({ description: 'Why; it stands in the pull request and in the ledger.' }),
    from: lines({ description: 'Without configuration: globs of the files to copy digests from, one a line.' }),
    to: lines({ description: 'Without configuration: globs of the files to copy digests to, one a line.' }),
    'first-party': lines({
      description: 'Without configuration: globs of the repositories to copy (`ghcr.io/my-org/*`), one a line.',
    }),
    ...pathInputs,
  },
  outputs: {
    promotion: { description: 'The name of the Promotion.' },
    freight: { description: 'The ID of its Freight.' },
    'pull-request': { description: 'The number of its pull request.' },
  },
});
