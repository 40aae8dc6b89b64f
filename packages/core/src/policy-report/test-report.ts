import { judge, type PolicyReport, policySettings } from '../policy/index.js';
import type { SourceOf } from './source-text.js';

/** Files as they are judged without any configuration, for the tests of the faces. */
export function judged(files: Readonly<Record<string, string>>): { report: PolicyReport; sourceOf: SourceOf } {
  const encoder = new TextEncoder();
  const report = judge({
    files: Object.entries(files).map(([path, text]) => ({ path, bytes: encoder.encode(text) })),
    settings: policySettings(),
    environmentOf: (path) => /^env\/(\w+)\//.exec(path)?.[1],
    now: new Date('2026-01-02T03:04:05Z'),
  });
  return { report, sourceOf: (path) => files[path] };
}

export const PINNED = `ghcr.io/o/api@sha256:${'a'.repeat(64)}`;

/** A pod with this image, on line 6, column 14. */
export function deployment(image: string): string {
  return `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: x\n      image: ${image}\n`;
}

export const pageOf = (rule: string) => `https://example.com/policy/${rule}`;
