import type { Pod } from '../../kubernetes/objects.ts';

/**
 * When a driver started, by the API server's clock. The node's clock may be wrong: the time that it has stamped counts
 * only where it lies between the last observation of the driver before its start, and the first one after it.
 */
export class ObservedStart {
  private notBefore: number | undefined;
  private at: number | undefined;

  /** @param notBefore when it was observed not to run yet, in milliseconds since the epoch; all times are of the API server */
  constructor(notBefore: number | undefined) {
    this.notBefore = notBefore;
  }

  /** It does not run yet. */
  pending(now: number): void {
    this.notBefore = now;
  }

  /** @param startedAt RFC 3339, by the node's clock */
  of({ metadata }: Pod, startedAt: string | undefined, now: number): number {
    const created = Date.parse(metadata?.creationTimestamp ?? '') || 0;
    const stamped = Date.parse(startedAt ?? '') || now;
    this.at ??= Math.min(Math.max(stamped, created, this.notBefore ?? 0), now);
    return this.at;
  }
}
