/** Orders strings by their UTF-8 bytes, as Go does: UTF-16 code units differ from it beyond U+FFFF. */
export function compareBytes(left: string, right: string): number {
  if (left === right) return 0;
  const rights = right[Symbol.iterator]();
  for (const character of left) {
    const other = rights.next();
    if (other.done === true) return 1;
    if (character !== other.value) return (character.codePointAt(0) ?? 0) < (other.value.codePointAt(0) ?? 0) ? -1 : 1;
  }
  return -1;
}
