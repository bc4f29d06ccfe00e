import { expect, it } from 'vitest';
import { ApiServer } from '../../lab/api-server.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { failureOf } from '../support/environment.ts';
import { makeNamespace } from '../support/namespace.ts';
import { useRealSpark } from './real-spark.ts';

type Spec = SparkApplicationManifest['spec'];

const spark = useRealSpark();

/** A namespace that rejects containers with more than 2 GiB of memory, and privileged ones. */
async function strictNamespace(): Promise<string> {
  const namespace = await makeNamespace(spark.lab.kubeconfig, 'strict');
  const api = await ApiServer.connect(spark.lab.kubeconfig);
  try {
    await api.create(`/api/v1/namespaces/${namespace}/limitranges`, {
      metadata: { name: 'memory' },
      spec: { limits: [{ type: 'Container', max: { memory: '2Gi' } }] },
    });
  } finally {
    api.close();
  }
  const labels = { 'pod-security.kubernetes.io/enforce': 'baseline' };
  const patch = { metadata: { labels } };
  await spark.env.kubernetes.patch(Resources.namespaces, undefined, namespace, 'application/merge-patch+json', patch);
  return namespace;
}

it('creates no driver whose executors the API server would reject, and names the reason', async () => {
  const namespace = await strictNamespace();
  const run = async (name: string, change: (spec: Spec) => void) => {
    const application = spark.application(name, { namespace });
    change(application.spec);
    return (await spark.env.spark.start(application)).result();
  };
  const reasons: Readonly<Record<string, readonly [(spec: Spec) => void, type: string, problem: RegExp]>> = {
    limit: [(spec) => (spec.executor.memory = '4g'), 'AdmissionDenied', /maximum memory usage per Container is 2Gi/],
    privileged: [
      (spec) => (spec.executor.securityContext = { privileged: true }),
      'AdmissionDenied',
      /violates PodSecurity "baseline:latest": privileged/,
    ],
    account: [
      (spec) => (spec.executor.serviceAccount = 'no-such-account'),
      'ServiceAccountNotFound',
      /serviceaccount "no-such-account" not found/,
    ],
  };
  for (const [name, [change, reason, problem]] of Object.entries(reasons)) {
    const { result } = await failureOf(run(name, change));
    expect(result).toMatchObject({ state: 'FAILED', reason, attempts: 1 });
    expect(result!.message).toMatch(/the API server refuses every executor pod: /);
    expect(result!.message).toMatch(problem);
  }
  // With executors that it takes, Spark runs in the same namespace.
  await expect(run('taken', () => undefined)).resolves.toMatchObject({ state: 'COMPLETED', exitCode: 0 });
  for (const name of Object.keys(reasons)) {
    expect(await spark.env.kubernetes.get(Resources.pods, namespace, `${name}-driver`)).toBeUndefined();
  }
});
