import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import { createObjects } from '../support/chart.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf } from '../support/environment.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { sparkPi } from '../support/manifests.ts';

const cluster = useCluster('dry-runs', { worker: {} });

async function namespaceWith(object: { readonly kind: string; readonly spec: object }): Promise<string> {
  const namespace = await createNamespace({ prefix: 'dry-runs' });
  await createObjects(sharedLab().kubeconfig, [{ apiVersion: 'v1', ...object, metadata: { name: 'own', namespace } }]);
  return namespace;
}

/** Ten times the memory of the driver. */
function largeExecutors(name: string, namespace: string) {
  const manifest = sparkPi({ name, namespace });
  manifest.spec.executor.memory = '10g';
  return manifest;
}

/** How many dry runs of pods the API server has answered in a namespace. */
async function dryRuns(namespace: string): Promise<number> {
  const lines = (await readFile(sharedLab().auditLog, 'utf8')).split('\n');
  return lines.filter((line) => line.includes(`/namespaces/${namespace}/pods?dryRun=All`)).length;
}

describe('before a driver is created', () => {
  it('the API server is asked about its executors, and no driver is created where it refuses them', async () => {
    const limits = [{ type: 'Container', max: { memory: '4Gi' } }];
    const namespace = await namespaceWith({ kind: 'LimitRange', spec: { limits } });
    const application = await cluster.env.spark.start(largeExecutors('limited', namespace));
    const { result } = await failureOf(application.result());
    expect(result).toMatchObject({ state: 'FAILED', reason: 'AdmissionDenied', attempts: 1 });
    expect(result!.message).toMatch(
      /^Cannot create a driver for .*: the API server refuses every executor pod: .*maximum memory usage per Container is 4Gi/,
    );
    expect(await cluster.env.kubernetes.get(Resources.pods, namespace, 'limited-driver')).toBeUndefined();
  });

  it('a quota without room for an executor does not keep a driver from being created', async () => {
    const namespace = await namespaceWith({ kind: 'ResourceQuota', spec: { hard: { 'requests.memory': '4Gi' } } });
    const application = await cluster.env.spark.start(largeExecutors('full', namespace));
    expect(await application.result()).toMatchObject({ state: 'COMPLETED', attempts: 1 });
  });

  it('the API server is asked once for several applications of a template', async () => {
    const namespace = await createNamespace({ prefix: 'dry-runs' });
    for (const name of ['first', 'second', 'third']) {
      const application = await cluster.env.spark.start(sparkPi({ name, namespace }));
      expect(await application.result()).toMatchObject({ state: 'COMPLETED' });
    }
    await eventually('the audit log to be written', async () => (await dryRuns(namespace)) > 0);
    expect(await dryRuns(namespace)).toBe(2);
  });
});
