import { type ImageTarget, parseReference, type Snapshot, type StageEdits } from '@waybill/core';
import type { Proposed } from '@waybill/engine';
import {
  blocks,
  code,
  heading,
  joined,
  linksTo,
  list,
  type Markdown,
  markdown,
  type Outcome,
  raw,
  render,
  type Summary,
  table,
} from '@waybill/runtime';

/** What a pull request without a ledger tells its reviewer. */
export function proposalBody(intro: string, edits: StageEdits): string {
  return render(blocks([markdown`${intro}`, changes(edits), ...leftOut(edits)]));
}

/** `3 images` or the image's name when there is one. */
export function imagesOf(edits: StageEdits): string {
  const [only, ...others] = edits.changes;
  if (only !== undefined && others.length === 0) return only.repoURL.slice(only.repoURL.lastIndexOf('/') + 1);
  return `${edits.changes.length} images`;
}

/** Writes the summary, and says how the run ended. */
export function concludeProposal(proposed: Proposed, what: string, summary: Summary): Outcome {
  const { edits, outcome, pullRequest, snapshot } = proposed;
  const said = {
    unchanged: 'nothing to change',
    planned: `would change ${imagesOf(edits)}`,
    opened: `changes ${imagesOf(edits)}`,
    'already-open': 'the pull request is open already',
  }[outcome];
  summary.add(
    what,
    blocks([
      heading(2, `${what}: ${said}`),
      ...(pullRequest === undefined ? [] : [pullRequestLine(snapshot, pullRequest)]),
      ...(edits.changes.length === 0 ? [] : [changes(edits)]),
      ...leftOut(edits),
    ]),
  );
  switch (outcome) {
    case 'unchanged':
      return { decision: 'unchanged', reasonCode: 'nothing-new' };
    case 'planned':
      return { decision: 'planned', reasonCode: 'dry-run' };
    case 'opened':
      return { decision: 'done', reasonCode: 'pull-request-opened' };
    case 'already-open':
      return { decision: 'waiting', reasonCode: 'pull-request-open' };
  }
}

/** Refuses nothing: what is no image reference was refused where it was read. */
export function targetOf(repository: string, tag: string, digest: string): ImageTarget {
  return { repoURL: parseReference(repository).repository, tag, digest };
}

function pullRequestLine(snapshot: Snapshot, number: number): Markdown {
  const link = linksTo(new URL(snapshot.repository.url).origin);
  return markdown`${link(`Pull request ${number}`, `${snapshot.repository.url}/pull/${number}`)}`;
}

function changes(edits: StageEdits): Markdown {
  return table(
    ['Image', 'From', 'To', 'Where'],
    edits.changes.map((change) => [
      code(change.repoURL),
      joined(change.before.map(({ digest }) => (digest === undefined ? raw('not pinned') : code(digest.slice(0, 19))))),
      code(change.image.digest.slice(0, 19)),
      joined(change.places.map(({ path, line }) => code(`${path}:${line}`))),
    ]),
  );
}

function leftOut(edits: StageEdits): readonly Markdown[] {
  const items = [
    ...edits.unreferenced.map((repoURL) => markdown`No reference to ${code(repoURL)}`),
    ...edits.unread.map((file) => markdown`Not read, and names none of these images: ${code(file.path)} (${file.why})`),
  ];
  return items.length === 0 ? [] : [heading(3, 'What is not in it'), list(items)];
}
