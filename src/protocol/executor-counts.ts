/** How many executor pods of an attempt were last seen in which phase. */
export interface ExecutorCounts {
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** Such as `2 running, 1 failed`. */
export function describeExecutors(counts: ExecutorCounts): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0 ? 'none' : some.map(([phase, count]) => `${count} ${phase}`).join(', ');
}
