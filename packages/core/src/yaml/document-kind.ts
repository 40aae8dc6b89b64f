import type { ObjectIdentity, Zone } from './site.js';
import { type MapNode, targetOf, textUnder } from './tree.js';

/** How a document is read: by the rules of a zone, or not at all, because what looks like an image there is none. */
export type DocumentKind =
  | { readonly zone: Zone; readonly object?: ObjectIdentity }
  | { readonly zone: 'none'; readonly why: string };

/**
 * API groups whose `image` fields are patterns, watch lists or build inputs, never something that is deployed
 * (Kyverno, Gatekeeper and sigstore policies, Flux image automation, Kargo, skaffold, Waybill).
 */
const NEVER = [
  /^(?:kyverno\.io|policies\.kyverno\.io|cli\.kyverno\.io|wgpolicyk8s\.io)\//,
  /^(?:constraints|templates|mutations|expansion)\.gatekeeper\.sh\//,
  /^policy\.sigstore\.dev\//,
  /^image\.toolkit\.fluxcd\.io\//,
  /^kargo\.akuity\.io\//,
  /^argocd-image-updater\.argoproj\.io\//,
  /^skaffold\//,
  /^waybill\//,
  /^admissionregistration\.k8s\.io\//,
];

const KUSTOMIZATION_FILE = /(?:^|\/)kustomization(?:\.ya?ml)?$/i;
const CHART_FILE = /(?:^|\/)Chart\.ya?ml$/;

/** What the document in this file is, by its apiVersion and kind, else by the file's name. */
export function documentKind(path: string, root: MapNode): DocumentKind {
  const apiVersion = textUnder(root, 'apiVersion') ?? '';
  const kind = textUnder(root, 'kind') ?? '';
  if (kind === 'CustomResourceDefinition') return { zone: 'none', why: 'a schema' };
  if (NEVER.some((group) => group.test(apiVersion))) return { zone: 'none', why: `${apiVersion} deploys no image` };
  const isKustomization = apiVersion.startsWith('kustomize.config.k8s.io/');
  // kustomize fills in a missing apiVersion, and a missing kind.
  const isBare = apiVersion === '' && ['', 'Kustomization', 'Component'].includes(kind);
  if (isKustomization || (isBare && KUSTOMIZATION_FILE.test(path))) return { zone: 'kustomization' };
  if (CHART_FILE.test(path) && kind === '') return { zone: 'none', why: 'the metadata of a chart' };
  if (apiVersion === '' || kind === '') return { zone: 'values' };
  const metadata = root.entries.find((entry) => entry.key === 'metadata')?.value;
  const node = metadata === undefined ? undefined : targetOf(metadata);
  const name = node?.kind === 'map' ? textUnder(node, 'name') : undefined;
  return { zone: 'object', object: { apiVersion, kind, ...(name === undefined ? {} : { name }) } };
}

/** `apps` of `apps/v1`, `` of `v1`. */
export function apiGroup(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}
