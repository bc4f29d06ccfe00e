import type { KubernetesClient } from '../kubernetes/index.ts';

/** What a process that died says: nothing catches it, for nothing runs any more. */
export class Died extends Error {
  override readonly name = 'Died';
}

export interface FaultyKubernetes {
  readonly client: KubernetesClient;
  /** Calls made so far, the one that was fatal included. */
  readonly calls: number;
}

const CALLS = ['create', 'get', 'patch', 'delete', 'logs', 'version'] as const;

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
  const overrides = Object.fromEntries(
    CALLS.map((name) => [
      name,
      {
        value: async (...args: never[]): Promise<unknown> => {
          calls += 1;
          if (dead) throw new Died();
          const fatal = calls === dieAt?.call;
          if (fatal) dead = true;
          if (fatal && dieAt.when === 'before') throw new Died();
          const answer: unknown = await (kubernetes[name] as (...args: never[]) => Promise<unknown>)(...args);
          if (dead) throw new Died();
          return answer;
        },
      },
    ]),
  );
  return {
    client: Object.create(kubernetes, overrides) as KubernetesClient,
    get calls() {
      return calls;
    },
  };
}
