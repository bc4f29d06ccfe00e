import { Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import type { CoreEvent, Pod } from '../../kubernetes/objects.ts';
import { DriverReason, type DriverProblem } from '../../protocol/index.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import { maskSecrets } from '../../validation/secrets.ts';
import type { DriverView } from './driver-observation.ts';

const MESSAGE_LIMIT = 1024;

/**
 * Why a driver makes no progress, in the words of Kubernetes. Where the pod itself does not show it, its Events (a
 * volume whose ConfigMap is missing) and its node (a partition) do. Those two are best effort: a worker that may not
 * read them still learns how the driver ends.
 */
export class DriverDiagnosis {
  private readonly kubernetes: KubernetesClient;
  private readonly signal: AbortSignal;
  private readonly timings: Timings;
  /** When there is another question to ask, by the API server's clock. */
  askAgainAt: number | undefined;
  private phase: 'pending' | 'running' | undefined;
  private pauseMs: number;
  private answer: DriverProblem | undefined;

  constructor(kubernetes: KubernetesClient, signal: AbortSignal, timings: Timings = DEFAULT_TIMINGS) {
    this.kubernetes = kubernetes;
    this.signal = signal;
    this.timings = timings;
    this.pauseMs = timings.diagnosisMs;
  }

  async of(pod: Pod, view: Exclude<DriverView, { phase: 'ended' }>): Promise<DriverProblem | undefined> {
    const scheduled = pod.spec?.nodeName !== undefined;
    if (view.phase !== this.phase) this.forget();
    this.phase = view.phase;
    const isExplained = view.phase === 'pending' && (view.waiting !== undefined || !scheduled);
    if (isExplained || (view.phase === 'running' && view.ready)) {
      this.forget();
      return view.phase === 'pending' ? view.waiting : undefined;
    }
    // A pod that is being prepared is most likely well; one that stopped being ready is not.
    this.askAgainAt ??= this.kubernetes.now() + (view.phase === 'running' ? 0 : this.pauseMs);
    if (this.kubernetes.now() >= this.askAgainAt) {
      const ask = view.phase === 'running' ? this.askNode(pod) : this.askEvents(pod);
      this.answer = await ask.catch(() => {
        this.signal.throwIfAborted();
        return undefined;
      });
      this.pauseMs = Math.min(2 * this.pauseMs, this.timings.diagnosisAtMostMs);
      this.askAgainAt = this.kubernetes.now() + this.pauseMs;
    }
    return this.answer;
  }

  private forget(): void {
    this.askAgainAt = this.answer = undefined;
    this.pauseMs = this.timings.diagnosisMs;
  }

  private async askNode({ spec }: Pod): Promise<DriverProblem | undefined> {
    const node = await this.kubernetes.get(Resources.nodes, undefined, spec!.nodeName!, { signal: this.signal });
    if (node === undefined)
      return { reason: DriverReason.NodeLost, message: `Node ${spec!.nodeName} no longer exists.` };
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status !== 'Unknown') return undefined;
    return {
      reason: DriverReason.NodeNotReady,
      message: `Node ${spec!.nodeName} has been NotReady since ${ready.lastTransitionTime ?? 'an unknown time'}: ${ready.message ?? ready.reason ?? ''}`,
    };
  }

  private async askEvents({ metadata }: Pod): Promise<DriverProblem | undefined> {
    const fieldSelector = `involvedObject.uid=${metadata!.uid},type=Warning`;
    let last: CoreEvent | undefined;
    const pages = this.kubernetes.list(Resources.events, metadata!.namespace, { fieldSelector, signal: this.signal });
    for await (const page of pages) {
      for (const event of page) if (last === undefined || timeOf(event) >= timeOf(last)) last = event;
    }
    if (last?.reason === undefined) return undefined;
    return {
      reason: last.reason,
      ...(last.message ? { message: maskSecrets(last.message).slice(0, MESSAGE_LIMIT) } : {}),
    };
  }
}

function timeOf({ lastTimestamp, eventTime, metadata }: CoreEvent): string {
  return lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? '';
}
