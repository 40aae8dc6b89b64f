import { type Context, parentKeyOf } from './draft.js';
import { decodedSource, literalSource, type Source } from './text.js';
import type { ScalarNode } from './tree.js';

/** How deep strings may hold YAML that holds strings that hold YAML. */
const MAX_DEPTH = 4;

/** Keys whose strings are Helm values or kustomize patches (Argo CD, Flux, kustomize, k3s). */
const HOLDS_YAML = new Set(['values', 'valuesContent', 'valuesInline', 'patch']);

/** The YAML within a scalar as a text of its own, when its place says that it holds YAML. */
export function inlineSource(context: Context, node: ScalarNode): Source | undefined {
  if (context.frame.source.depth >= MAX_DEPTH || !node.value.includes('\n') || !holdsYaml(context)) return undefined;
  if (node.style === 'literal' && node.indent > 0) {
    return literalSource(context.frame.source, [node.start, node.end], node.indent);
  }
  return decodedSource(context.frame.source, node.value, node.start);
}

function holdsYaml(context: Context): boolean {
  const { key } = context;
  if (context.index !== -1) return key === 'patchesStrategicMerge';
  if (HOLDS_YAML.has(key) || /\.ya?ml$/i.test(key)) return true;
  const isConfigMap = context.frame.object?.kind === 'ConfigMap' || context.frame.object?.kind === 'Secret';
  return isConfigMap && /^(?:data|stringData)$/.test(parentKeyOf(context));
}
