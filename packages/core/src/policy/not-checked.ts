import type { FileScan, ReferenceSite, Unread, UnreadKind } from '../yaml/index.js';
import { type FindingDraft, regionOf } from './draft.js';
import { mostSevere } from './places.js';
import { coverage, type PolicySettings } from './settings.js';

/** Something that was not checked, and is said. */
export interface NotChecked {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly kind: UnreadKind;
  /** One sentence without a final full stop. */
  readonly why: string;
  /** Whether it lies within an enforced path, and so fails the check. */
  readonly enforced: boolean;
}

/** What could not be read, and the findings that makes within enforced paths. */
export function judgeUnread(
  unread: readonly Unread[],
  settings: PolicySettings,
): readonly { readonly entry: NotChecked; readonly draft?: FindingDraft }[] {
  return unread.filter(isUnreadable).map(({ path, line, kind, detail }) => {
    const enforced = coverage(settings, path) === 'enforced';
    const entry = { path, line, kind, why: detail, enforced };
    if (!enforced) return { entry };
    return {
      entry,
      draft: {
        rule: 'not-checked',
        path,
        document: 0,
        keyPath: `${kind}:${detail}`,
        region: { line, column: 1, endLine: line, endColumn: 1 },
        current: kind,
        reason: `what stands here could not be checked: ${detail}`,
        repair: 'it has to be readable, or excluded by the policies',
      },
    };
  });
}

/** A key that stands twice hides nothing: it is read, both times, and is a finding of its own. */
function isUnreadable({ kind, detail }: Unread): boolean {
  return kind !== 'invalid-yaml' || !detail.endsWith('stands twice in its mapping');
}

/** Images below keys that stand twice: one finding for each such key, at the last image, which most parsers take. */
export function duplicateKeys(scan: FileScan, settings: PolicySettings): readonly FindingDraft[] {
  const last = new Map<string, { readonly site: ReferenceSite; readonly why: string }>();
  for (const site of scan.references) {
    if (site.editable.ok || site.editable.code !== 'duplicate-key') continue;
    last.set(`${site.document} ${site.editable.why}`, { site, why: site.editable.why });
  }
  return [...last.values()].map(({ site, why }) => {
    const { path, document, keyPath, repository, line, column } = site;
    const region =
      site.shape.kind === 'whole' ? regionOf(site.shape.piece) : { line, column, endLine: line, endColumn: column };
    return {
      rule: 'duplicate-key',
      most: mostSevere(site, settings),
      path,
      document,
      keyPath,
      region,
      current: keyPath,
      reason: why,
      ...(repository === undefined ? {} : { repository }),
      repair: 'which of the two is meant is for a person to say',
    };
  });
}
