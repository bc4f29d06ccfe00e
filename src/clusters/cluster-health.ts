import type { KubernetesClient } from '../kubernetes/index.ts';

export interface HealthOptions {
  /** How long an answer is cached, in milliseconds. @default 5000 */
  readonly cacheForMs?: number;
  /** How long a cluster may take to answer, in milliseconds. @default 3000 */
  readonly timeoutMs?: number;
  /** How long a cluster that failed in use is not probed again, in milliseconds. @default 30000 */
  readonly avoidForMs?: number;
}

/** Whether a cluster can be reached. The cluster is probed on demand, and the answer is cached. */
export class ClusterHealth {
  private readonly kubernetes: KubernetesClient;
  private readonly options: Required<HealthOptions>;
  private problem: Promise<string | undefined> | undefined;
  private cachedUntil = 0;

  constructor(kubernetes: KubernetesClient, options: HealthOptions = {}) {
    this.kubernetes = kubernetes;
    this.options = { cacheForMs: 5_000, timeoutMs: 3_000, avoidForMs: 30_000, ...options };
  }

  /** Why the cluster cannot be reached; undefined if it can. */
  async ask(): Promise<string | undefined> {
    if (this.problem === undefined || Date.now() >= this.cachedUntil) {
      this.problem = this.probe();
      this.cachedUntil = Infinity;
      await this.problem;
      // failed() may have been called meanwhile.
      if (this.cachedUntil === Infinity) this.cachedUntil = Date.now() + this.options.cacheForMs;
    }
    return this.problem;
  }

  /** Records a failure in use: the cluster is not probed again for `avoidForMs`. */
  failed(problem: string): void {
    this.problem = Promise.resolve(problem);
    this.cachedUntil = Date.now() + this.options.avoidForMs;
  }

  private async probe(): Promise<string | undefined> {
    const { timeoutMs } = this.options;
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      await this.kubernetes.version({ signal });
      return undefined;
    } catch (error) {
      return signal.aborted ? `it did not answer within ${timeoutMs} ms` : (error as Error).message;
    }
  }
}
