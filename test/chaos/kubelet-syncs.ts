import type { Lab } from '../../lab/contract.ts';
import { Fault, type Blow } from './fault.ts';

/** A kubelet looks at its pods every ten seconds. */
const EVERY_MS = 15_000;
const OF_CLUSTER: readonly Fault[] = [Fault.KillApiServer, Fault.KillEtcd, Fault.PauseEtcd];

/**
 * Lets the nodes look again at their pods while that is under way. kwok, which plays them, forgets a pod whose next state
 * it could not write, so that the driver would run for ever, or a deleted one stay; what keeps up starts it again, and
 * then it looks at all pods.
 */
export async function withSyncs<T>(lab: Lab, { fault }: Blow, work: () => Promise<T>): Promise<T> {
  if (!OF_CLUSTER.includes(fault)) return work();
  // One that is down already is being started.
  const sync = () => void lab.components['kwok']!.kill('SIGKILL').catch(() => undefined);
  const timer = setInterval(sync, EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
