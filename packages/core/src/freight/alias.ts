import { ADJECTIVES, ANIMALS } from './words.js';

/**
 * A name for people, `adjective-animal`, derived from the Freight's ID alone; when that is taken by other Freight, so
 * many digits of the ID are appended that it is not (`calm-otter-2e`).
 */
export function freightAlias(id: string, taken: { has(alias: string): boolean }): string {
  const alias = `${word(ADJECTIVES, id.slice(0, 8))}-${word(ANIMALS, id.slice(8, 16))}`;
  if (!taken.has(alias)) return alias;
  let length = 2;
  while (length < id.length && taken.has(`${alias}-${id.slice(0, length)}`)) length++;
  return `${alias}-${id.slice(0, length)}`;
}

function word(words: readonly string[], digits: string): string {
  return words[Number.parseInt(digits, 16) % words.length] ?? '';
}
