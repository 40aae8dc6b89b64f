import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import { FunctionCall } from '@actions/expressions/ast';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';
import { NotInTestBed } from './errors.js';

/** What an expression can hold. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

export type Contexts = Readonly<Record<string, Value>>;

/** What `success()`, `failure()` and `cancelled()` answer at this point of a run. */
export interface Status {
  readonly success: boolean;
  readonly failure: boolean;
  readonly cancelled: boolean;
}

export interface Scope {
  readonly contexts: Contexts;
  readonly status: Status;
}

/** The value of an expression without its `${{ }}`, by GitHub's own parser and evaluator. Throws what they throw. */
export function evaluate(expression: string, scope: Scope): Value {
  return fromData(run(parse(expression, scope), expression, scope));
}

/** As `evaluate`, as the string GitHub would put in place of the expression. */
export function evaluateToString(expression: string, scope: Scope): string {
  return run(parse(expression, scope), expression, scope).coerceString();
}

/**
 * Whether an `if` holds. `success() && (…)` is put around a condition that calls no status function
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions).
 */
export function evaluateCondition(condition: string, scope: Scope): boolean {
  const text = condition.trim();
  if (text === '') return scope.status.success;
  const tree = parse(text, scope);
  if (!callsStatusFunction(tree) && !scope.status.success) return false;
  return isTruthy(run(tree, text, scope));
}

export function coerceToString(value: Value): string {
  return toData(value).coerceString();
}

const STATUS_FUNCTIONS = new Set(['success', 'failure', 'cancelled', 'always']);
const EXTRA_FUNCTIONS = [
  ...[...STATUS_FUNCTIONS].map((name) => ({ name, minArgs: 0, maxArgs: 0 })),
  { name: 'hashFiles', minArgs: 1, maxArgs: 255 },
];

type Tree = ReturnType<Parser['parse']>;

function parse(expression: string, scope: Scope): Tree {
  return new Parser(new Lexer(expression).lex().tokens, Object.keys(scope.contexts), EXTRA_FUNCTIONS).parse();
}

function run(tree: Tree, expression: string, scope: Scope): data.ExpressionData {
  const lower = expression.toLowerCase();
  const contexts = new data.Dictionary();
  for (const [name, value] of Object.entries(scope.contexts)) {
    if (lower.includes(name.toLowerCase())) contexts.add(name, toData(value));
  }
  const { success, failure, cancelled } = scope.status;
  const functions = new Map<string, FunctionDefinition>();
  const define = (name: string, maxArgs: number, call: () => data.ExpressionData): void => {
    functions.set(name, { name, minArgs: 0, maxArgs, call });
  };
  define('always', 0, () => new data.BooleanData(true));
  define('success', 0, () => new data.BooleanData(success));
  define('failure', 0, () => new data.BooleanData(failure));
  define('cancelled', 0, () => new data.BooleanData(cancelled));
  define('hashfiles', 255, () => {
    throw new NotInTestBed('hashFiles()');
  });
  return new Evaluator(tree, contexts, functions).evaluate();
}

function callsStatusFunction(node: unknown): boolean {
  if (node === null || typeof node !== 'object') return false;
  if (node instanceof FunctionCall && STATUS_FUNCTIONS.has(node.functionName.lexeme.toLowerCase())) return true;
  return Object.values(node).some((child) =>
    Array.isArray(child) ? child.some(callsStatusFunction) : callsStatusFunction(child),
  );
}

function isTruthy(value: data.ExpressionData): boolean {
  const plain = fromData(value);
  return typeof plain === 'number' ? plain !== 0 && !Number.isNaN(plain) : Boolean(plain);
}

function toData(value: Value): data.ExpressionData {
  if (value === null || value === undefined) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (isArray(value)) return new data.Array(...value.map(toData));
  return new data.Dictionary(...Object.entries(value).map(([key, item]) => ({ key, value: toData(item) })));
}

function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function fromData(value: data.ExpressionData): Value {
  if (value instanceof data.Dictionary) {
    return Object.fromEntries(value.pairs().map((pair) => [pair.key, fromData(pair.value)]));
  }
  if (value instanceof data.Array) return value.values().map(fromData);
  if (value instanceof data.Null) return null;
  return value.value;
}
