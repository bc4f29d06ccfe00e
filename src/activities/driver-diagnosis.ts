import { Resources, type KubernetesClient } from '../kubernetes/index.ts';
import type { CoreEvent, Pod } from '../kubernetes/objects.ts';
import type { DriverProblem, DriverView } from './driver-observation.ts';

/** How often to ask for what the pod itself does not tell. */
const ASK_AGAIN_MS = 10_000;
const MESSAGE_LIMIT = 1024;

/**
 * What is the matter with a driver that does not get on, in the words of Kubernetes. Where the pod itself does not
 * tell, its Events (a volume whose ConfigMap is missing) and its node (a partition) do. Those two are best effort: a
 * worker that may not read them still knows how the driver ends.
 */
export class DriverDiagnosis {
  private readonly kubernetes: KubernetesClient;
  private readonly signal: AbortSignal;
  private askedAt = 0;
  private answer: DriverProblem | undefined;

  constructor(kubernetes: KubernetesClient, signal: AbortSignal) {
    this.kubernetes = kubernetes;
    this.signal = signal;
  }

  async of(pod: Pod, view: Exclude<DriverView, { phase: 'ended' }>): Promise<DriverProblem | undefined> {
    if (view.phase === 'pending' && view.waiting !== undefined) return view.waiting;
    const scheduled = pod.spec?.nodeName !== undefined;
    if (view.phase === 'running' ? view.ready : !scheduled) {
      this.askedAt = 0;
      return (this.answer = undefined);
    }
    if (Date.now() - this.askedAt >= ASK_AGAIN_MS) {
      this.askedAt = Date.now();
      const ask = view.phase === 'running' ? this.askNode(pod) : this.askEvents(pod);
      this.answer = await ask.catch(() => {
        this.signal.throwIfAborted();
        return undefined;
      });
    }
    return this.answer;
  }

  private async askNode({ spec }: Pod): Promise<DriverProblem | undefined> {
    const node = await this.kubernetes.get(Resources.nodes, undefined, spec!.nodeName!, { signal: this.signal });
    if (node === undefined) return { reason: 'NodeLost', message: `Node ${spec!.nodeName} is gone.` };
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status !== 'Unknown') return undefined;
    return {
      reason: 'NodeNotReady',
      message: `Node ${spec!.nodeName} does not answer since ${ready.lastTransitionTime ?? 'a while'}: ${ready.message ?? ready.reason ?? ''}`,
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
    return { reason: last.reason, ...(last.message ? { message: last.message.slice(0, MESSAGE_LIMIT) } : {}) };
  }
}

function timeOf({ lastTimestamp, eventTime, metadata }: CoreEvent): string {
  return lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? '';
}
