import type { KubernetesClient } from '../kubernetes/index.ts';

export interface HealthOptions {
  /** How long an answer is believed, in milliseconds. @default 5000 */
  readonly believeForMs?: number;
  /** How long a cluster may take to answer, in milliseconds. @default 3000 */
  readonly timeoutMs?: number;
  /** How long one that failed in use is not asked again, in milliseconds. @default 30000 */
  readonly avoidForMs?: number;
}

/** Whether a cluster can be reached: asked when somebody wants to know, and not more often than need be. */
export class ClusterHealth {
  private readonly kubernetes: KubernetesClient;
  private readonly options: Required<HealthOptions>;
  private problem: Promise<string | undefined> | undefined;
  private believedUntil = 0;

  constructor(kubernetes: KubernetesClient, options: HealthOptions = {}) {
    this.kubernetes = kubernetes;
    this.options = { believeForMs: 5_000, timeoutMs: 3_000, avoidForMs: 30_000, ...options };
  }

  /** What is the matter with it; undefined where it is well. */
  async ask(): Promise<string | undefined> {
    if (this.problem === undefined || Date.now() >= this.believedUntil) {
      this.problem = this.probe();
      this.believedUntil = Infinity;
      await this.problem;
      // Somebody may have found it failing meanwhile.
      if (this.believedUntil === Infinity) this.believedUntil = Date.now() + this.options.believeForMs;
    }
    return this.problem;
  }

  /** It was found to fail in use. */
  failed(problem: string): void {
    this.problem = Promise.resolve(problem);
    this.believedUntil = Date.now() + this.options.avoidForMs;
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
