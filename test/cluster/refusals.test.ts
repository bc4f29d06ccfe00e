import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { connectKubernetes, type KubernetesClient } from '../../src/kubernetes/index.ts';
import { createObjects, serviceAccountKubeconfig } from '../support/chart.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { sparkPi } from '../support/manifests.ts';
import { FAST } from '../support/timings.ts';

const cluster = useCluster('refusals');
let namespace: string;
let kubeconfig: string;
let kubernetes: KubernetesClient;

beforeAll(async () => {
  namespace = await createNamespace({ prefix: 'refusals' });
  const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-refusals-'));
  kubeconfig = await serviceAccountKubeconfig({ kubeconfig: sharedLab().kubeconfig, directory }, namespace, 'default');
  kubernetes = await connectKubernetes({ kubeconfig });
});
afterAll(() => kubernetes?.close());

/** A worker without a right, whose submissions the API server refuses. */
function powerless(unprovenRefusalMs: number) {
  return {
    ...cluster.separate(),
    worker: { kubeconfig, kubernetes },
    timings: { ...FAST, unprovenRefusalMs },
  };
}

describe('a submission that the API server refuses', () => {
  it('shows since when, and ends when the refusal has lasted and the authorizer confirms it', async () => {
    const env = powerless(2_000);
    await withWorker(env, async () => {
      const application = await env.spark.start(sparkPi({ name: 'refused', namespace }));
      await eventually('the refusal to be shown', async () => {
        const { pending } = await application.describe();
        return pending.some(({ lastFailure }) => lastFailure?.includes('retrying until at least'));
      });
      const { result } = await failureOf(application.result());
      expect(result).toMatchObject({ state: 'FAILED', reason: 'Forbidden', attempts: 1 });
      expect(result!.message).toMatch(/cannot get resource "pods".* Refused since .*Z, and confirmed\.$/);
    });
  });

  it('completes when the right is granted meanwhile', async () => {
    const env = powerless(120_000);
    await withWorker(env, async () => {
      const application = await env.spark.start(sparkPi({ name: 'granted', namespace }));
      await eventually('the refusal to be shown', async () => {
        const { pending } = await application.describe();
        return pending.some(({ lastFailure }) => lastFailure?.includes('cannot get resource "pods"'));
      });
      const binding = {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'granted', namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
      };
      await createObjects(sharedLab().kubeconfig, [binding]);
      expect(await application.result()).toMatchObject({ state: 'COMPLETED', attempts: 1 });
    });
  });
});
