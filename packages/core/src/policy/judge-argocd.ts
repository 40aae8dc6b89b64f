import type { ReferenceSite } from '../yaml/index.js';
import { type FindingDraft, regionOf } from './draft.js';

/**
 * Argo CD compares the entries of `kustomize.images` by what stands before the first `=`, or `:`, or `@`
 * (`KustomizeImage.delim` in pkg/apis/application/v1alpha1/types.go): a registry's port ends the name.
 */
export function judgeArgoCdIdentity(site: ReferenceSite): FindingDraft | undefined {
  const { shape } = site;
  if (shape.kind !== 'argocd-kustomize-image' || shape.piece.value.includes('=')) return undefined;
  if (!/^[^/@]+:\d+\//.test(shape.piece.value)) return undefined;
  const { repository } = site;
  return {
    rule: 'argocd-image-identity',
    path: site.path,
    document: site.document,
    keyPath: site.keyPath,
    region: regionOf(shape.piece),
    current: shape.piece.value,
    expected: `${shape.written}=${shape.piece.value}`,
    reason: 'Argo CD takes all images of a registry with a port for the same one, unless old=new says which',
    ...(repository === undefined ? {} : { repository }),
    repair: 'what the base calls the image is for a person to say',
  };
}
