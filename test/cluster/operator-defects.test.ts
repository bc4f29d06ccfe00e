/**
 * What people report of the Spark operator (kubeflow/spark-operator), by the number of the issue there: each test shows
 * that it cannot happen here. Those that have a test elsewhere are in the table of docs/lifecycle.md.
 */
import { describe, expect, it } from 'vitest';
import { Resources } from '../../src/kubernetes/index.ts';
import type { SparkApplicationManifest } from '../../src/index.ts';
import { NativeSubmitter, type SparkApplicationSubmitter } from '../../src/submitters/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER } from '../support/manifests.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const cluster = useCluster('defects', { worker: {} });
const { pi, driverOf, runningDriver } = cluster;

function path(kind: string, name: string): string {
  return `${kind} ${cluster.env.namespace}/${name}`;
}

describe('#2054: a driver that is deleted before it was observed again', () => {
  it('has its outcome recorded although it had ended, and was deleted, while no worker ran', async () => {
    const env = cluster.separate();
    const first = await startWorkerProcess(env);
    const application = await env.spark.start(pi('unobserved', { 'lab.temporal-spark/run-seconds': '4' }));
    await runningDriver('unobserved');
    await first.end('SIGTERM');
    await eventually('the driver to end', async () => (await driverOf('unobserved'))?.status?.phase === 'Succeeded');
    await env.kubernetes.delete(Resources.pods, env.namespace, 'unobserved-driver');
    expect((await driverOf('unobserved'))!.metadata!.deletionTimestamp).toBeDefined();
    await withWorker(env, async () => {
      expect(await application.result()).toMatchObject({ state: 'COMPLETED', exitCode: 0, attempts: 1 });
      await eventually('the pod to go', async () => (await driverOf('unobserved')) === undefined);
    });
  });
});

describe('#2788: a crash between the creation of a driver and the record of it', () => {
  it('ends in the adoption of that driver: not in a second one, nor in FAILED because it exists', async () => {
    const env = cluster.separate();
    const native = new NativeSubmitter();
    let crashes = 0;
    const submitter: SparkApplicationSubmitter = {
      name: 'crashing',
      async submit(request, context) {
        const created = await native.submit(request, context);
        if (crashes++ < 2) throw new Error('crashed after the driver was created');
        return created;
      },
    };
    await withWorker(
      env,
      async () => {
        const result = await (await env.spark.start(pi('adopted'))).result();
        expect(result).toMatchObject({ state: 'COMPLETED', attempts: 1 });
        expect(cluster.drivers.attemptsOf('adopted')).toHaveLength(1);
      },
      { submitter },
    );
    expect(crashes).toBe(3);
  });
});

describe('#2905: PENDING_RERUN for ever, because something of the last attempt was still there', () => {
  it('continues by itself as soon as that is deleted', async () => {
    const manifest = pi('rerun', { 'lab.temporal-spark/exit-code': '1' });
    manifest.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 3 };
    const { kubernetes, namespace } = cluster.env;
    const application = await cluster.env.spark.start(manifest);
    const first = await eventually('the first driver to fail', async () => {
      const pod = await driverOf('rerun');
      return pod?.status?.phase === 'Failed' && pod;
    });
    const held = await kubernetes.patch(Resources.pods, namespace, 'rerun-driver', 'application/json-patch+json', [
      { op: 'add', path: '/metadata/finalizers', value: ['test.example/held'] },
    ]);
    expect(held.metadata!.uid).toBe(first.metadata!.uid);
    await eventually(
      'the old driver to be on its way',
      async () => (await driverOf('rerun'))?.metadata?.deletionTimestamp,
    );
    expect(cluster.drivers.attemptsOf('rerun')).toHaveLength(1);
    await kubernetes.patch(Resources.pods, namespace, 'rerun-driver', 'application/merge-patch+json', {
      metadata: { finalizers: null },
    });
    expect((await failureOf(application.result())).result).toMatchObject({ state: 'FAILED', attempts: 2 });
    expect(cluster.drivers.attemptsOf('rerun')).toHaveLength(2);
  });
});

describe('#2961: executors that stay when their driver goes, because they have a second owner', () => {
  it('are deleted with the driver, their only owner, while it still has our finalizer', async () => {
    const { kubernetes, namespace } = cluster.env;
    const application = await cluster.env.spark.start(pi('parent', RUN_FOREVER));
    const driver = await runningDriver('parent');
    const volume = driver.spec!.volumes!.find(({ name }) => name === 'pod-template-volume')!;
    // A simulated driver runs from the moment that it is there: what it owns may be created after that.
    const template = await eventually('the ConfigMap of the pod template', () =>
      kubernetes.get(Resources.configMaps, namespace, volume.configMap!.name!),
    );
    expect(JSON.stringify(template.data)).not.toContain('ownerReferences');
    // As Spark's driver makes them.
    await kubernetes.create(Resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'parent-exec-1',
        namespace,
        labels: { ...driver.metadata!.labels, 'spark-role': 'executor' },
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Pod', name: 'parent-driver', uid: driver.metadata!.uid!, controller: true },
        ],
      },
      spec: { serviceAccountName: 'spark', containers: [{ name: 'executor', image: 'spark' }] },
    });
    await application.kill();
    await failureOf(application.result());
    await eventually(`${path('pod', 'parent-exec-1')} to go`, async () => {
      return (await kubernetes.get(Resources.pods, namespace, 'parent-exec-1')) === undefined;
    });
  });
});

describe('#2984: Services that pile up', () => {
  it('are those of the present driver only, and none once that is gone', async () => {
    const manifest = pi('served', { 'lab.temporal-spark/exit-code': '1' });
    manifest.spec.sparkUIOptions = { servicePort: 4040 };
    manifest.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 2, onFailureRetryInterval: 1 };
    const { kubernetes, namespace } = cluster.env;
    const services = async () => {
      const names: string[] = [];
      for await (const page of kubernetes.list(Resources.services, namespace)) {
        names.push(...page.map(({ metadata }) => metadata!.name!).filter((name) => name.startsWith('served')));
      }
      return names.sort();
    };
    const { result } = await failureOf((await cluster.env.spark.start(manifest)).result());
    expect(result).toMatchObject({ attempts: 3 });
    const suffix = result!.submissionId.slice(0, 8);
    await eventually('the Services of earlier attempts to go', async () => (await services()).length <= 2);
    expect(await services()).toEqual([`served-${suffix}-driver-svc`, 'served-ui-svc']);
    await kubernetes.delete(Resources.pods, namespace, 'served-driver');
    await eventually('all Services to go', async () => (await services()).length === 0);
  });
});

describe('#1443: a driver that is over while a sidecar keeps its pod running', () => {
  /** The driver container of a scheduled pod exits, its sidecar runs on. */
  async function exits(name: string, exitCode: number, attempt = 1): Promise<void> {
    const isScheduled = async () => {
      const driver = await driverOf(name);
      return driver?.metadata?.annotations?.['temporal-spark/attempt'] === String(attempt) && driver.spec?.nodeName;
    };
    await eventually(`attempt ${attempt} of ${name} to be scheduled`, isScheduled);
    const container = (named: string, state: object) => ({
      ...{ name: named, image: '', imageID: '', restartCount: 0, ready: true },
      state,
    });
    const { ApiServer } = await import('../../lab/api-server.ts');
    const api = await ApiServer.connect(cluster.env.kubeconfig);
    await api.text('PATCH', `/api/v1/namespaces/${cluster.env.namespace}/pods/${name}-driver/status`, {
      status: {
        phase: 'Running',
        containerStatuses: [
          container('proxy', { running: {} }),
          container('spark-kubernetes-driver', { terminated: { exitCode } }),
        ],
      },
    });
    api.close();
  }

  /** The sidecar of a deleted pod ends, too. */
  async function isGone(name: string): Promise<void> {
    const { kubernetes, namespace } = cluster.env;
    await eventually(`${name} to be deleted`, async () => (await driverOf(name))?.metadata?.deletionTimestamp);
    const { uid } = (await driverOf(name))!.metadata!;
    await kubernetes.delete(Resources.pods, namespace, `${name}-driver`, { uid: uid!, gracePeriodSeconds: 0 });
  }

  function accompanied(name: string): SparkApplicationManifest {
    const manifest = pi(name, { 'lab.temporal-spark/unattended': 'true' });
    manifest.spec.driver.sidecars = [{ name: 'proxy', image: 'proxy' }];
    return manifest;
  }

  it('is over', async () => {
    const application = await cluster.env.spark.start(accompanied('accompanied'));
    await exits('accompanied', 0);
    expect(await application.result()).toMatchObject({ state: 'COMPLETED', exitCode: 0 });
    expect((await driverOf('accompanied'))!.status!.phase).toBe('Running');
  });

  it('is replaced by the next attempt', async () => {
    const manifest = accompanied('retried');
    manifest.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 };
    const application = await cluster.env.spark.start(manifest);
    await exits('retried', 1);
    await isGone('retried');
    await exits('retried', 0, 2);
    expect(await application.result()).toMatchObject({ state: 'COMPLETED', exitCode: 0, attempts: 2 });
  });
});
