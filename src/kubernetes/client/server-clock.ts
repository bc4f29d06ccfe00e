/** How much two clocks may drift apart: a thousandth is more than any clock that works. */
const DRIFT = 1e-3;
/** A `Date` header has whole seconds. */
const RESOLUTION_MS = 1_000;

interface Measurement {
  /** What must be added to this process's monotonic clock. */
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
  /** By the monotonic clock. */
  readonly at: number;
}

/**
 * The time of an API server, measured by the `Date` headers of its responses against this process's monotonic clock:
 * what it has stamped is compared with its own clock, however wrong that of the worker is. Exact to half a second and
 * half the duration of a request; of several measurements the best one counts.
 */
export class ServerClock {
  private best: Measurement | undefined;

  /** @param sentAt `performance.now()` before the request was sent */
  measure(date: string | undefined, sentAt: number): void {
    const stamped = Date.parse(date ?? '');
    if (Number.isNaN(stamped)) return;
    const at = performance.now();
    const uncertaintyMs = (RESOLUTION_MS + at - sentAt) / 2;
    const offsetMs = stamped + RESOLUTION_MS / 2 - (sentAt + at) / 2;
    if (this.improves({ offsetMs, uncertaintyMs, at })) this.best = { offsetMs, uncertaintyMs, at };
  }

  /** Milliseconds since the epoch; of the worker's own clock until the first response. */
  now(): number {
    return this.best === undefined ? Date.now() : performance.now() + this.best.offsetMs;
  }

  /** Also where the two contradict each other: then the server's clock was set. */
  private improves({ offsetMs, uncertaintyMs, at }: Measurement): boolean {
    if (this.best === undefined) return true;
    const known = this.best.uncertaintyMs + (at - this.best.at) * DRIFT;
    return uncertaintyMs <= known || Math.abs(offsetMs - this.best.offsetMs) > uncertaintyMs + known;
  }
}
