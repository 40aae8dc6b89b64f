import { WaybillError } from '../errors.js';
import { discoverInOrder, nextInOrder } from './discovery.js';
import type { ImageSelection } from './selection.js';

/** The one mutable tag that the constraint names. (kargo, pkg/image/digest_selector.go.) */
export const selectByDigest: ImageSelection = {
  strategy: 'Digest',
  needsTags: false,
  rank({ constraint, repoURL }) {
    if (constraint !== undefined) return [constraint];
    throw new WaybillError('input-invalid', {
      what: 'imageSelectionStrategy Digest needs a constraint',
      where: { image: repoURL },
      remedy: 'Name the mutable tag to follow, such as constraint: main',
    });
  },
  next: nextInOrder,
  discover: discoverInOrder,
};
