import type { KubernetesClient } from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import type { SparkProgress } from '../../protocol/index.ts';
import { isTypedError } from '../failure.ts';
import { restAddressOf } from '../../spark/driver/endpoint.ts';
import { readProgress } from './spark-rest.ts';

/** All drivers of this process together are asked at most once in so long. */
const SPACING_MS = 200;
/** Older progress is not shown. */
const STALE_AFTER_MS = 600_000;

let watched = 0;

/**
 * The progress that one driver reports. Nothing depends on it: a driver that does not answer is asked less and less
 * often.
 */
export class DriverProgress {
  private readonly kubernetes: KubernetesClient;
  private readonly timings: Timings;
  private readonly over = new AbortController();
  private latest: SparkProgress | undefined;
  private asking = false;
  /** By the API server's clock. */
  private askAt = 0;
  private failures = 0;

  constructor(kubernetes: KubernetesClient, timings: Timings = DEFAULT_TIMINGS) {
    this.kubernetes = kubernetes;
    this.timings = timings;
    watched += 1;
  }

  /**
   * The known progress of a running driver. Asks it in the background when that is due.
   *
   * @param startedAt by the API server's clock, in milliseconds since the epoch
   */
  of(pod: Pod, startedAt = 0): SparkProgress | undefined {
    const isYoung = this.kubernetes.now() < startedAt + this.timings.progressMs;
    if (!this.asking && !isYoung && this.kubernetes.now() >= this.askAt) void this.ask(pod);
    if (this.latest !== undefined && Date.now() - Date.parse(this.latest.observedAt) > STALE_AFTER_MS) {
      this.latest = undefined;
    }
    return this.latest;
  }

  /** Asks once, and never fails. */
  async ask(pod: Pod): Promise<void> {
    const address = restAddressOf(pod);
    const begun = this.kubernetes.now();
    this.asking = true;
    try {
      if (address === undefined) {
        this.askAt = Infinity;
        return;
      }
      this.latest = await readProgress(this.kubernetes, address, this.over.signal);
      this.failures = 0;
      this.askAt = begun + Math.max(this.timings.progressMs, watched * SPACING_MS);
    } catch (error) {
      const { progressRetryMs, progressRetryAtMostMs } = this.timings;
      // Rights change rarely. A driver without a UI, or a cluster whose pods are unreachable, costs next to nothing.
      const forbidden = isTypedError(error) && error.type === 'Forbidden';
      const delay = forbidden
        ? progressRetryAtMostMs
        : Math.min(progressRetryMs * 2 ** this.failures, progressRetryAtMostMs);
      this.failures += 1;
      this.askAt = this.kubernetes.now() + Math.max(delay, watched * SPACING_MS);
    } finally {
      this.asking = false;
    }
  }

  close(): void {
    watched -= 1;
    this.over.abort();
  }
}
