/** The items by key, both in the order they came in. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Each once, in code unit order. */
export function sorted(values: Iterable<string>): readonly string[] {
  return [...new Set(values)].sort();
}
