import type { KubernetesClient } from '../kubernetes/index.ts';
import { interceptedKubernetes } from './intercepted-kubernetes.ts';

/** The error of a process that died: nothing catches it, because nothing runs any more. */
export class Died extends Error {
  override readonly name = 'Died';
}

export interface FaultyKubernetes {
  readonly client: KubernetesClient;
  /** Calls made so far, including the fatal one. */
  readonly calls: number;
}

/**
 * A client of which the process that uses it dies before, or right after, its n-th call (counted from 1): that call and
 * all later ones reject. Without `dieAt` it only counts.
 */
export function faultyKubernetes(
  kubernetes: KubernetesClient,
  dieAt?: { readonly call: number; readonly when: 'before' | 'after' },
): FaultyKubernetes {
  let calls = 0;
  let dead = false;
  const client = interceptedKubernetes(kubernetes, async (_, proceed) => {
    calls += 1;
    if (dead) throw new Died();
    const fatal = calls === dieAt?.call;
    if (fatal) dead = true;
    if (fatal && dieAt.when === 'before') throw new Died();
    const answer = await proceed();
    if (dead) throw new Died();
    return answer;
  });
  return {
    client,
    get calls() {
      return calls;
    },
  };
}
