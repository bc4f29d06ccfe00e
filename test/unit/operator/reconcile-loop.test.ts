import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../lab/eventually.ts';
import {
  KubernetesError,
  KubernetesErrorType,
  Resources,
  type KubernetesClient,
} from '../../../src/kubernetes/index.ts';
import { DEFAULT_OPERATOR_OPTIONS } from '../../../src/operator/operator-options.ts';
import { ReconcileLoop } from '../../../src/operator/reconcile-loop.ts';

const refusal = (type: KubernetesErrorType) => new KubernetesError({ type, message: `refused: ${type}` });

let loop: ReconcileLoop;
afterEach(() => loop.stop());

/** A loop over a cluster whose API server refuses to list as long as there is an error. */
function start(server: { error: KubernetesError | undefined }, compared: string[], logged: string[]): Promise<void> {
  const watch = () => ({
    get ready() {
      return server.error === undefined ? Promise.resolve() : Promise.reject(server.error);
    },
    ...{ get: () => undefined, list: () => [], subscribe: () => () => undefined, release: () => undefined },
  });
  const options = {
    ...DEFAULT_OPERATOR_OPTIONS,
    ...{ taskQueue: 'q', backoff: { initialMs: 1, maximumMs: 2 } },
    log: (level: string, message: string) => void logged.push(`${level} ${message}`),
  };
  loop = new ReconcileLoop({ watch } as unknown as KubernetesClient, Resources.sparkApplications, options, {
    reconcile: async () => undefined,
    compare: async () => void compared.push('compared'),
  });
  return loop.start();
}

describe('a kind that the API server does not serve', () => {
  it('is logged with the remedy, and served once it is', async () => {
    const server = { error: refusal(KubernetesErrorType.NotServed) as KubernetesError | undefined };
    const [compared, logged]: [string[], string[]] = [[], []];
    await start(server, compared, logged);
    expect(compared).toEqual([]);
    expect(logged).toEqual([
      expect.stringMatching(/^WARN .*CustomResourceDefinition sparkapplications\.sparkoperator\.k8s\.io/),
    ]);
    server.error = undefined;
    await eventually('the comparison', () => compared.length === 1);
    await eventually('a line that it is served', () => logged.at(-1) === 'INFO Serving SparkApplication now');
  });

  it('is waited for quietly, until the operator stops', async () => {
    const logged: string[] = [];
    await start({ error: refusal(KubernetesErrorType.NotServed) }, [], logged);
    await loop.stop();
    expect(logged).toHaveLength(1);
  });
});

it('a refusal of another kind fails the start', async () => {
  await expect(start({ error: refusal(KubernetesErrorType.Forbidden) }, [], [])).rejects.toThrow('refused: Forbidden');
});
