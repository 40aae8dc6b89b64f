import { type Context, fieldPathOf, keyPathOf } from './draft.js';
import { pieceOf } from './piece.js';
import type { MapEntry } from './tree.js';

/** `pullPolicy`, `imagePullPolicy`, `sidecarImagePullPolicy`, `packagePullPolicy`. */
const PULL_POLICY = /(?:^p|P)ullPolicy$/;

/** Records what an entry says about when images are pulled. `context` is the entry's. */
export function collectPullPolicy(context: Context, entry: MapEntry): void {
  if (!PULL_POLICY.test(entry.key)) return;
  const piece = pieceOf(context.frame, entry);
  if (piece === undefined || piece.value === '') return;
  const { scanner, document, zone, object } = context.frame;
  if (scanner.pullPolicies.has(piece.range[0])) return;
  scanner.pullPolicies.set(piece.range[0], {
    document,
    keyPath: keyPathOf(context),
    fieldPath: fieldPathOf(context),
    zone,
    ...(object === undefined ? {} : { object }),
    piece,
  });
}
