import { setTimeout as sleep } from 'node:timers/promises';
import {
  isKubernetesError,
  KubernetesErrorType,
  type KubernetesError,
  type CustomObject,
  type KubernetesClient,
  type Resource,
} from '../kubernetes/index.ts';
import type { DEFAULT_OPERATOR_OPTIONS, OperatorOptions } from './operator-options.ts';
import { ResourceViews } from './served-resources.ts';
import { WorkQueue } from './work-queue.ts';

/** What is done about the resources of one kind. */
export interface Reconciler {
  /** @returns milliseconds until the resource of the key is due again, or undefined */
  readonly reconcile: (key: string) => Promise<number | undefined>;
  /** Finds what was missed. */
  readonly compare: () => Promise<void>;
  /** Refusals of the API server that are waited out. @default only that it does not serve the kind */
  readonly waitsFor?: readonly KubernetesErrorType[];
}

/** Watches the resources of one kind, reconciles those that change, and compares all of them now and then. */
export class ReconcileLoop {
  readonly views: ResourceViews;
  private readonly kind: Resource<CustomObject>;
  private readonly options: OperatorOptions & typeof DEFAULT_OPERATOR_OPTIONS;
  private readonly compare: () => Promise<void>;
  private readonly waitsFor: readonly KubernetesErrorType[];
  private readonly queue: WorkQueue;
  private readonly stopping = new AbortController();

  constructor(
    kubernetes: KubernetesClient,
    kind: Resource<CustomObject>,
    options: OperatorOptions & typeof DEFAULT_OPERATOR_OPTIONS,
    { reconcile, compare, waitsFor = [KubernetesErrorType.NotServed] }: Reconciler,
  ) {
    this.kind = kind;
    this.options = options;
    this.compare = compare;
    this.waitsFor = waitsFor;
    const { concurrency, backoff, log } = options;
    this.queue = new WorkQueue({
      ...{ concurrency, backoff, work: reconcile },
      onError: (key, error) => log('WARN', `Cannot reconcile a ${kind.kind}; retrying`, { key, error }),
    });
    this.views = new ResourceViews(kubernetes, kind, options, (key) => this.queue.add(key));
  }

  add(key: string): void {
    this.queue.add(key);
  }

  /**
   * Resolves once all resources are listed and those that differ are queued. Where the API server does not serve the
   * kind, that is logged, and the loop begins once it does.
   *
   * @throws KubernetesError, ServiceError
   */
  async start(): Promise<void> {
    try {
      await this.begin();
    } catch (error) {
      if (!this.isWaitedFor(error)) {
        await this.stop();
        throw error;
      }
      this.options.log('WARN', `Cannot serve ${this.kind.kind} yet; waiting. ${this.remedy(error)}`, { error });
      void this.beginOnceServed();
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.views.close();
    await this.queue.stop();
  }

  private async begin(): Promise<void> {
    await this.views.ready();
    await this.compare();
    this.scheduleComparison();
  }

  private async beginOnceServed(): Promise<void> {
    const { log, backoff } = this.options;
    for (let delayMs = backoff.initialMs; ; delayMs = Math.min(backoff.maximumMs, 2 * delayMs)) {
      await this.sleep(delayMs);
      if (this.stopping.signal.aborted) return;
      try {
        await this.begin();
        log('INFO', `Serving ${this.kind.kind} now`, {});
        return;
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        if (!this.isWaitedFor(error)) log('WARN', `Cannot serve ${this.kind.kind} yet; retrying`, { error });
      }
    }
  }

  private scheduleComparison(): void {
    const { resyncMs, log } = this.options;
    const compareAll = async (): Promise<void> => {
      await this.sleep(resyncMs);
      while (!this.stopping.signal.aborted) {
        const failed = (error: unknown) =>
          log('WARN', `Cannot compare each ${this.kind.kind} with Temporal; retrying`, { error });
        await this.compare().catch(failed);
        await this.sleep(resyncMs);
      }
    };
    void compareAll();
  }

  private isWaitedFor(error: unknown): error is KubernetesError {
    return this.waitsFor.some((type) => isKubernetesError(error, type));
  }

  private remedy({ type, message }: KubernetesError): string {
    if (type !== KubernetesErrorType.NotServed) return message;
    const { apiVersion, plural } = this.kind;
    return `The API server does not know it: install the CustomResourceDefinition ${plural}.${apiVersion.split('/')[0]} (docs/operator.md).`;
  }

  private async sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }
}
