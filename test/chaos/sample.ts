import { createHash } from 'node:crypto';

/** So many of the items, the same for the same seed; whatever is added to the list, those drawn before mostly stay. */
export function sample<T>(
  items: readonly T[],
  count: number,
  seed: string,
  nameOf: (item: T) => string = (item) => JSON.stringify(item),
): T[] {
  const rank = (item: T) =>
    createHash('sha256')
      .update(`${seed} ${nameOf(item)}`)
      .digest('hex');
  return items
    .map((item) => ({ item, rank: rank(item) }))
    .toSorted((one, other) => (one.rank < other.rank ? -1 : 1))
    .slice(0, count)
    .map(({ item }) => item);
}
