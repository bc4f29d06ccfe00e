import type { KubernetesClient } from '../kubernetes/index.ts';
import type { Pod } from '../kubernetes/objects.ts';
import type { SparkProgress } from '../workflows/definitions/index.ts';
import { isTypedError } from './failure.ts';
import { readProgress, restAddressOf } from './spark-rest.ts';

/** Until a driver that just started is asked: its UI takes some seconds. */
const FIRST_AFTER_MS = 10_000;
const EVERY_MS = 10_000;
/** All drivers of this process together are asked at most once in so long. */
const SPACING_MS = 200;
/** After a failure, doubling. A driver without a UI, or a cluster where pods can't be reached, costs next to nothing. */
const AFTER_FAILURE_MS = 15_000;
const AFTER_FAILURES_MS = 600_000;
/** What is older is not shown. */
const STALE_AFTER_MS = 600_000;

let watched = 0;

/** What one driver says about its progress. Nothing depends on it: who can't be asked is asked again, more rarely each time. */
export class DriverProgress {
  private readonly kubernetes: KubernetesClient;
  private readonly over = new AbortController();
  private latest: SparkProgress | undefined;
  private asking = false;
  private askAt = 0;
  private failures = 0;

  constructor(kubernetes: KubernetesClient) {
    this.kubernetes = kubernetes;
    watched += 1;
  }

  /** What is known of a driver that runs. Asks it in the background when it is time to. */
  of(pod: Pod, startedAt?: string): SparkProgress | undefined {
    const since = startedAt === undefined ? 0 : Date.parse(startedAt);
    if (!this.asking && Date.now() >= Math.max(this.askAt, since + FIRST_AFTER_MS)) void this.ask(pod);
    if (this.latest !== undefined && Date.now() - Date.parse(this.latest.observedAt) > STALE_AFTER_MS) {
      this.latest = undefined;
    }
    return this.latest;
  }

  /** Asks once, and never fails. */
  async ask(pod: Pod): Promise<void> {
    const address = restAddressOf(pod);
    const begun = Date.now();
    this.asking = true;
    try {
      if (address === undefined) {
        this.askAt = Infinity;
        return;
      }
      this.latest = await readProgress(this.kubernetes, address, this.over.signal);
      this.failures = 0;
      this.askAt = begun + Math.max(EVERY_MS, watched * SPACING_MS);
    } catch (error) {
      // Rights change rarely.
      const forbidden = isTypedError(error) && error.type === 'Forbidden';
      const delay = forbidden ? AFTER_FAILURES_MS : Math.min(AFTER_FAILURE_MS * 2 ** this.failures, AFTER_FAILURES_MS);
      this.failures += 1;
      this.askAt = Date.now() + Math.max(delay, watched * SPACING_MS);
    } finally {
      this.asking = false;
    }
  }

  close(): void {
    watched -= 1;
    this.over.abort();
  }
}
