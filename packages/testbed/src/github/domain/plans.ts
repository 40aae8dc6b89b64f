import { Refusal } from '../refusal.js';

/** docs: about-protected-branches, "Who can use this feature"; the API's own words for it. */
export const upgradeNeeded = (): Refusal =>
  new Refusal({
    status: 403,
    message: 'Upgrade to GitHub Pro or make this repository public to enable this feature.',
  });
