/** Writes per second to a cluster. */
export interface WriteRateLimits {
  readonly initial: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Minimum time between changes of the rate, in milliseconds: the effect of a change shows only later. */
const REVIEW_MS = 500;
/** The bucket holds what comes in this many milliseconds. */
const BURST_MS = 100;
/** A cluster is busy when it answers slower than its best by this factor, and by this many milliseconds. */
const BUSY_TIMES = 5;
const BUSY_MS = 100;
const LATENCY_SMOOTHING = 0.1;
/** The best is forgotten slowly: a cluster may become slower for good. */
const FORGETTING = 1.001;

/**
 * Writes per second to a cluster, adapted to its response times: a token bucket whose rate falls where the cluster
 * refuses (429) or becomes slow, and rises again while it is what limits.
 */
export class WriteRate {
  private current: number;
  private tokens: number;
  private filledAt: number;
  private reviewedAt: number;
  private best = Infinity;
  private latency: number | undefined;
  private wasRefused = false;
  private wasLimiting = false;
  private readonly limits: WriteRateLimits;
  private readonly now: () => number;

  constructor(limits: WriteRateLimits, now: () => number = () => performance.now()) {
    this.limits = limits;
    this.now = now;
    this.current = limits.initial;
    this.tokens = this.burst;
    this.filledAt = now();
    this.reviewedAt = now();
  }

  get perSecond(): number {
    return this.current;
  }

  /** Takes the tokens of that many writes and returns 0, or returns the milliseconds until the next try. */
  take(writes: number): number {
    const now = this.now();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.filledAt) * this.current) / 1000);
    this.filledAt = now;
    // What is larger than the bucket goes when that is full, and the next ones wait for it.
    const needed = Math.min(writes, this.burst);
    if (this.tokens < needed) {
      this.wasLimiting = true;
      return Math.ceil(((needed - this.tokens) * 1000) / this.current);
    }
    this.tokens -= writes;
    return 0;
  }

  answered(latencyMs: number): void {
    this.best = Math.min(this.best * FORGETTING, latencyMs);
    this.latency = (this.latency ?? latencyMs) * (1 - LATENCY_SMOOTHING) + latencyMs * LATENCY_SMOOTHING;
    this.review();
  }

  refused(): void {
    this.wasRefused = true;
    this.review();
  }

  private get burst(): number {
    return Math.max(1, (this.current * BURST_MS) / 1000);
  }

  private review(): void {
    const now = this.now();
    if (now - this.reviewedAt < REVIEW_MS) return;
    const { latency = 0, best } = this;
    const busy = latency > BUSY_TIMES * best && latency > best + BUSY_MS;
    const factor = this.wasRefused ? 0.5 : busy ? 0.8 : this.wasLimiting ? 1.25 : 1;
    this.current = Math.min(this.limits.maximum, Math.max(this.limits.minimum, this.current * factor));
    this.reviewedAt = now;
    this.wasRefused = false;
    this.wasLimiting = false;
  }
}
