import type { ScalarStyle } from './site.js';

/** What YAML 1.1 or 1.2 reads as something else than a string when it stands unquoted (yaml.org/type, YAML 1.2 §10.3). */
const NOT_A_STRING = [
  /^(?:|~|null|Null|NULL)$/,
  /^(?:true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|y|Y|n|N)$/,
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/,
  /^[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|[0-9_]*\.[0-9_]*)(?:[eE][-+]?[0-9]+)?$/,
  /^[-+]?(?:[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?)$/,
  /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+[0-9].*|[Tt][0-9].*)?$/,
  /^(?:<<|=)$/,
];

/** Whether an unquoted scalar is a string to every YAML parser in use. */
export function readsAsString(value: string): boolean {
  // Longer than any number that is meant as one, and the patterns stay cheap.
  if (value.length > 256) return !/^[-+0-9_.:eE]+$/.test(value);
  return !NOT_A_STRING.some((pattern) => pattern.test(value));
}

/** Characters that keep their meaning in block and flow context; a blank or a `#` could end the scalar. */
const PLAIN_SAFE = /^-{0,2}[A-Za-z0-9_./](?:[A-Za-z0-9_./@+=-]|:(?=[A-Za-z0-9_./@+=-]))*$/;

/**
 * The text to write for a value where a scalar of this style stands, quotes excluded unless the style has none and
 * the value needs them. Undefined when the style can't carry the value.
 */
export function encodeScalar(value: string, style: ScalarStyle): string | undefined {
  switch (style) {
    case 'plain':
      return PLAIN_SAFE.test(value) && readsAsString(value) ? value : `"${escapeDouble(value)}"`;
    case 'single':
      return isPrintable(value) ? value.replaceAll("'", "''") : undefined;
    case 'double':
      return escapeDouble(value);
    case 'literal':
    case 'folded':
      return isPrintable(value) && value !== '' && value.trim() === value ? value : undefined;
  }
}

function escapeDouble(value: string): string {
  return value.replaceAll(/["\\]|[^ -~]/gu, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    const code = character.codePointAt(0) ?? 0;
    if (code > 0xa0 && code !== 0x2028 && code !== 0x2029 && code !== 0xfeff && !isSurrogate(code)) return character;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function isPrintable(value: string): boolean {
  return !/[\p{Cc}\p{Cs}\u2028\u2029\ufeff]/u.test(value);
}
