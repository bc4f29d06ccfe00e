import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { recordEvent, type ObjectEvent } from './record-event.ts';

/** Events at once, so that they do not delay what they are about. */
const AT_ONCE = 4;
/** Events that wait, at most; further ones are dropped. */
const LIMIT = 1_000;
const DEADLINE_MS = 10_000;

/** Records Events in the background, in their order as far as calls keep it. Nothing depends on them. */
export class EventRecorder {
  private readonly kubernetes: () => Promise<KubernetesClient>;
  private readonly waiting: ObjectEvent[] = [];
  private running = 0;

  constructor(kubernetes: () => Promise<KubernetesClient>) {
    this.kubernetes = kubernetes;
  }

  record(...events: readonly ObjectEvent[]): void {
    this.waiting.push(...events.slice(0, Math.max(0, LIMIT - this.waiting.length)));
    while (this.running < AT_ONCE && this.waiting.length > 0) void this.run();
  }

  private async run(): Promise<void> {
    this.running += 1;
    for (;;) {
      const event = this.waiting.shift();
      if (event === undefined) break;
      const signal = AbortSignal.timeout(DEADLINE_MS);
      // Also after the deadline, or where the cluster cannot be connected to.
      await this.kubernetes()
        .then((kubernetes) => recordEvent(kubernetes, event, { signal }))
        .catch(() => undefined);
    }
    this.running -= 1;
  }
}
