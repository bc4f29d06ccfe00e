import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../../lab/contract.ts';

/** In a cluster they are static pods, which the kubelet starts again. */
const STATIC_PODS = ['kube-scheduler', 'kube-controller-manager', 'kwok'];
const EVERY_MS = 1_000;

/**
 * Starts again what of the control plane ended by itself, as kube-scheduler does on purpose where an API server that was
 * killed leaves it in doubt about where a pod is ("Scheduler cache is corrupted"). Returns how to stop.
 */
export function keepUp(lab: Lab, onRestart: (name: string) => void): () => Promise<void> {
  const stopping = new AbortController();
  const watching = watch();
  return async () => {
    stopping.abort();
    await watching;
  };

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      for (const name of STATIC_PODS) {
        const component = lab.components[name];
        if (component === undefined || component.pid !== undefined) continue;
        onRestart(name);
        // What it needs may be what was just killed: it is tried again.
        await component.start().catch(() => undefined);
      }
      await delay(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }
}
