import type { CallOptions, KubernetesClient } from '../kubernetes/index.ts';

const CALLS = [
  'create',
  'get',
  'page',
  'patch',
  'delete',
  'logs',
  'getFromPod',
  'version',
  'serviceAccountToken',
] as const;

/** One call to an API server, as any user. */
export interface InterceptedCall {
  readonly name: (typeof CALLS)[number] | 'list';
  readonly args: readonly unknown[];
  /** Aborts it, where the caller passed one. */
  readonly signal: AbortSignal | undefined;
}

/** Answers the call, by making it (`proceed`) or otherwise. */
export type Intercept = (call: InterceptedCall, proceed: () => Promise<unknown>) => Promise<unknown>;

/** A client whose calls, also those as another user, go through a function. Watches and logs that are read as a stream do not. */
export function interceptedKubernetes(kubernetes: KubernetesClient, intercept: Intercept): KubernetesClient {
  const wrap = (inner: KubernetesClient): KubernetesClient => {
    const calling = (name: (typeof CALLS)[number]) => ({
      value: async (...args: never[]): Promise<unknown> =>
        intercept({ name, args, signal: signalOf(args) }, () =>
          (inner[name] as (...args: never[]) => Promise<unknown>)(...args),
        ),
    });
    async function* list(...args: Parameters<KubernetesClient['list']>): AsyncIterable<unknown> {
      await intercept({ name: 'list', args, signal: signalOf(args) }, async () => undefined);
      yield* inner.list(...args);
    }
    return Object.create(inner, {
      ...Object.fromEntries(CALLS.map((name) => [name, calling(name)])),
      list: { value: list },
      as: { value: (identity: Parameters<KubernetesClient['as']>[0]) => wrap(inner.as(identity)) },
    }) as KubernetesClient;
  };
  return wrap(kubernetes);
}

/** The options are the last argument of every call that has any. */
function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  const last = args.at(-1);
  return typeof last === 'object' && last !== null ? (last as CallOptions).signal : undefined;
}
