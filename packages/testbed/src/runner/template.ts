import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index';
import { NotInTestBed, RunnerError } from './errors.js';
import { coerceToString, evaluate, evaluateToString, type Scope, type Value } from './expressions.js';
import { BasicExpressionToken, InsertExpressionToken, MappingToken, SequenceToken } from './parser.js';

/** A part of a workflow or action file, its expressions not yet evaluated. */
export type Template =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'expression'; readonly expression: string }
  | { readonly kind: 'sequence'; readonly items: readonly Template[] }
  | { readonly kind: 'mapping'; readonly entries: readonly (readonly [Template, Template])[] };

/** The tree as plain data. A string with `${{ }}` inside is one expression, as the parser has made of it. */
export function toTemplate(token: TemplateToken): Template {
  if (token instanceof BasicExpressionToken) return { kind: 'expression', expression: token.expression };
  if (token instanceof InsertExpressionToken) throw new NotInTestBed('the insert directive');
  if (token instanceof SequenceToken) return { kind: 'sequence', items: [...token].map(toTemplate) };
  if (token instanceof MappingToken) {
    return { kind: 'mapping', entries: [...token].map((pair) => [toTemplate(pair.key), toTemplate(pair.value)]) };
  }
  const value: unknown = 'value' in token ? token.value : null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { kind: 'literal', value };
  }
  return { kind: 'literal', value: null };
}

export function resolveTemplate(template: Template, scope: Scope): Value {
  switch (template.kind) {
    case 'literal':
      return template.value;
    case 'expression':
      return evaluate(template.expression, scope);
    case 'sequence':
      return template.items.map((item) => resolveTemplate(item, scope));
    case 'mapping':
      return Object.fromEntries(
        template.entries.map(([key, value]) => [resolveString(key, scope), resolveTemplate(value, scope)]),
      );
  }
}

export function resolveString(template: Template, scope: Scope): string {
  if (template.kind === 'expression') return evaluateToString(template.expression, scope);
  return coerceToString(resolveTemplate(template, scope));
}

/** A mapping whose values are strings: `env`, `with`, `outputs`. Undefined is empty; an expression may give the whole. */
export function resolveStrings(template: Template | undefined, scope: Scope): Record<string, string> {
  const result: Record<string, string> = {};
  if (template === undefined) return result;
  if (template.kind === 'mapping') {
    for (const [key, value] of template.entries) result[resolveString(key, scope)] = resolveString(value, scope);
    return result;
  }
  const value = resolveTemplate(template, scope);
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new RunnerError('A mapping was expected');
  for (const [key, item] of Object.entries(value)) result[key] = coerceToString(item);
  return result;
}

/** The literal text of a template that may hold no expression, or undefined. */
export function literalString(template: Template | undefined): string | undefined {
  return template?.kind === 'literal' && template.value !== null ? String(template.value) : undefined;
}

/** Fields of a mapping by name, in file order. */
export function fields(template: Template | undefined): ReadonlyMap<string, Template> {
  if (template?.kind !== 'mapping') return new Map();
  return new Map(template.entries.map(([key, value]) => [literalString(key) ?? '', value]));
}

/** The condition of an `if`, with or without `${{ }}`, as expression text. */
export function conditionText(template: Template | undefined): string | undefined {
  if (template === undefined) return undefined;
  return template.kind === 'expression' ? template.expression : literalString(template);
}
