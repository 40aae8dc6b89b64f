import type { ReferenceSite } from '../yaml/index.js';
import type { Severity } from './rules.js';
import { isOurs, type PolicySettings } from './settings.js';

/** Whether a site is a container's image in a Kubernetes object. */
export function isPodTemplate(site: ReferenceSite): boolean {
  return site.zone === 'object' && /[cC]ontainers\[\d+\]\.image$/.test(site.keyPath);
}

/**
 * How severe a finding about a site can be. What only looks like an image is warned about, unless it is one of ours or
 * the `spec.image` of an object (seed 002, Rule 5).
 */
export function mostSevere(site: ReferenceSite, settings: PolicySettings): Severity {
  if (site.tier === 'A' || isOurs(settings, site.repository)) return 'error';
  if (site.tier === 'B' && site.object !== undefined && site.keyPath === 'spec.image') return 'error';
  return 'warning';
}
