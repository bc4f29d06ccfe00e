/** What one round of work cost. */
export interface Cost {
  readonly perSecond: number;
  /** Of this process, user and system, per item. */
  readonly cpuMs: number;
}

/** Processes `count` items, at most `inFlight` at once, and returns their cost. */
export async function measure(
  count: number,
  inFlight: number,
  item: (index: number) => Promise<unknown>,
): Promise<Cost> {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(inFlight, count) }, async () => {
      while (next < count) await item(next++);
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: count / seconds, cpuMs: (user + system) / 1000 / count };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
