import { WaybillError } from '../errors.js';

const SIMPLE = /^[A-Za-z0-9_-]+$/;

/** `a.b` for a simple key, `a["x.y"]` for any other. */
export function joinKey(path: string, key: string): string {
  if (!SIMPLE.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' || path.endsWith('|') ? `${path}${key}` : `${path}.${key}`;
}

export function joinIndex(path: string, index: number): string {
  return `${path}[${index}]`;
}

/**
 * The keys of a dotted path, as Kargo's `yaml-update` writes it (sjson): `\.` is a dot within a key, `\\` a backslash, a
 * number is a key or a position, and a colon before it (`:2313`) says that it is a key.
 * @throws WaybillError input-invalid
 */
export function parseKeyPath(text: string): readonly PathStep[] {
  const steps: PathStep[] = [];
  let key = '';
  const end = () => {
    if (key === '') {
      throw new WaybillError('input-invalid', {
        what: `${JSON.stringify(text)} is no path to a key: a part of it is empty`,
        remedy: 'Write the keys from the top of the file with dots between them, as in image.tag',
      });
    }
    const forced = /^:\d+$/.test(key);
    steps.push({ key: forced ? key.slice(1) : key, ...(/^\d+$/.test(key) ? { index: Number(key) } : {}) });
    key = '';
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\\' && at + 1 < text.length) key += text.charAt(++at);
    else if (character === '.') end();
    else key += character;
  }
  end();
  return steps;
}

export interface PathStep {
  readonly key: string;
  /** The position that the key may stand for in a list. */
  readonly index?: number;
}
