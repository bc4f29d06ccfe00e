import { randomBytes } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiServer } from '../../lab/api-server.ts';
import { type SparkApplicationStatus } from '../../src/index.ts';
import { DEFAULT_TIMINGS } from '../../src/worker.ts';
import { waitForSparkDriver } from '../../src/activities/watch/wait-for-spark-driver.ts';
import type { KubernetesClient, WatchLease } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { DRIVER_FINALIZER, Label } from '../../src/spark/metadata.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import type { WaitInput } from '../../src/protocol/index.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';

const cluster = useCluster('waiting', { rights: 'chart', worker: {} });
const { pi, driverOf, runningDriver } = cluster;
/** Pods with it have no simulated kubelet. */
const UNATTENDED = { 'lab.temporal-spark/unattended': 'true' };

let api: ApiServer;
beforeAll(async () => {
  api = await ApiServer.connect(sharedLab().kubeconfig);
});
afterAll(() => api?.close());

function status(name: string, what: string, check: (status: SparkApplicationStatus) => unknown) {
  return eventually(`${name} ${what}`, async () => {
    const { status } = await cluster.env.spark.describe({ namespace: cluster.env.namespace, name });
    return status !== undefined && Boolean(check(status)) && status;
  });
}

function pathOf(name: string): string {
  return `/api/v1/namespaces/${cluster.env.namespace}/pods/${name}-driver`;
}

async function scheduledDriver(name: string): Promise<Pod> {
  return eventually(`the driver of ${name} to be scheduled`, async () => {
    const pod = await driverOf(name);
    return pod?.spec?.nodeName !== undefined && pod;
  });
}

/** What a kubelet would report of an unattended pod. */
function report(name: string, phase: string, state: object, ready = true): Promise<string> {
  const container = { name: 'spark-kubernetes-driver', image: 'spark', imageID: '', restartCount: 0, ready, state };
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  return api.text('PATCH', `${pathOf(name)}/status`, { status: { phase, conditions, containerStatuses: [container] } });
}

describe('a driver that does not start', () => {
  it("reports the scheduler's message after some seconds, and is stopped at the deadline", async () => {
    const manifest = pi('homeless');
    manifest.spec.driver.nodeSelector = { 'no-node-has': 'this' };
    manifest.metadata.annotations = { 'temporal-spark/pending-deadline': '12s' };
    const env = { ...cluster.separate(), timings: DEFAULT_TIMINGS };
    await withWorker(env, async () => {
      const application = await env.spark.start(manifest);
      const { state, problem } = await status('homeless', 'explains itself', ({ problem }) => problem);
      expect(state).toBe('SUBMITTED');
      expect(problem!.reason).toBe('Unschedulable');
      expect(problem!.message).toContain('node affinity/selector');
      const { result } = await failureOf(application.result());
      expect(result).toMatchObject({ reason: 'PendingDeadlineExceeded', failureClass: 'infrastructure' });
      expect(result!.message).toContain('within 12 s');
      expect(result!.message).toContain('Unschedulable');
      await eventually('the pod to go', async () => (await driverOf('homeless')) === undefined);
    });
  });

  it('reports its Events where the pod itself shows nothing: a volume that cannot be mounted', async () => {
    const application = await cluster.env.spark.start(pi('unmounted', UNATTENDED));
    const { metadata } = await scheduledDriver('unmounted');
    const { namespace } = cluster.env;
    await api.create(`/api/v1/namespaces/${namespace}/events`, {
      metadata: { name: 'unmounted-driver.1', namespace },
      involvedObject: { kind: 'Pod', namespace, name: 'unmounted-driver', uid: metadata!.uid },
      reason: 'FailedMount',
      message: 'MountVolume.SetUp failed for volume "conf": configmap "settings" not found',
      type: 'Warning',
      lastTimestamp: new Date().toISOString(),
    });
    const { problem } = await status('unmounted', 'explains itself', ({ problem }) => problem);
    expect(problem).toMatchObject({ reason: 'FailedMount' });
    expect(problem!.message).toContain('configmap "settings" not found');
    await report('unmounted', 'Running', { running: { startedAt: new Date().toISOString() } });
    const { problem: none } = await status('unmounted', 'runs', ({ state }) => state === 'RUNNING');
    expect(none).toBeUndefined();
    const terminated = { exitCode: 0, reason: 'Completed', finishedAt: new Date().toISOString() };
    await report('unmounted', 'Succeeded', { terminated });
    expect(await application.result()).toMatchObject({ state: 'COMPLETED', attempts: 1 });
  });

  it('is over at once when it is deleted before it was scheduled', async () => {
    const manifest = pi('withdrawn');
    manifest.spec.driver.nodeSelector = { 'no-node-has': 'this' };
    const application = await cluster.env.spark.start(manifest);
    await eventually('the driver to be there', () => driverOf('withdrawn'));
    await api.delete(pathOf('withdrawn'));
    const { result } = await failureOf(application.result());
    expect(result).toMatchObject({ state: 'FAILED', reason: 'Deleted', failureClass: 'infrastructure' });
    await eventually('the pod to go', async () => (await driverOf('withdrawn')) === undefined);
  });
});

describe('deadlines', () => {
  it('a driver that runs for too long is stopped', async () => {
    const manifest = pi('lengthy', RUN_FOREVER);
    manifest.metadata.annotations = { 'temporal-spark/running-deadline': '2s' };
    const { result } = await failureOf((await cluster.env.spark.start(manifest)).result());
    expect(result).toMatchObject({ reason: 'RunningDeadlineExceeded', failureClass: 'application', exitCode: 143 });
    await eventually('the pod to go', async () => (await driverOf('lengthy')) === undefined);
  });

  it('a submission that never succeeds is aborted, and reports the reason: a quota', async () => {
    const namespace = await createNamespace({ prefix: 'quota' });
    await api.create(`/api/v1/namespaces/${namespace}/resourcequotas`, {
      metadata: { name: 'no-pods' },
      spec: { hard: { pods: '0' } },
    });
    const manifest = sparkPi({ name: 'crowded', namespace });
    manifest.metadata.annotations = { 'temporal-spark/submission-deadline': '3s' };
    const application = await cluster.env.spark.start(manifest);
    await eventually('the quota to be named', async () => {
      const { pending } = await application.describe();
      return pending.some(({ lastFailure }) => lastFailure?.includes('exceeded quota'));
    });
    const { result } = await failureOf(application.result());
    expect(result).toMatchObject({ state: 'FAILED', reason: 'SubmissionDeadlineExceeded' });
    expect(result!.message).toContain('exceeded quota');
  });
});

describe('a node that does not answer', () => {
  const node = `lost-${randomBytes(3).toString('hex')}`;
  const taint = { key: 'test.temporal-spark/only', value: node, effect: 'NoSchedule' };

  function condition(status: string): Promise<string> {
    const now = new Date().toISOString();
    const ready = { type: 'Ready', status, reason: 'Test', lastHeartbeatTime: now, lastTransitionTime: now };
    return api.text('PATCH', `/api/v1/nodes/${node}/status`, { status: { conditions: [ready] } });
  }

  /** A node of its own, so that no other pods are lost with it. */
  function onThatNode(name: string, annotations: Record<string, string>) {
    const manifest = pi(name, UNATTENDED);
    manifest.metadata.annotations = annotations;
    manifest.spec.driver.nodeSelector = { 'kubernetes.io/hostname': node };
    manifest.spec.driver.tolerations = [{ operator: 'Exists' }];
    return manifest;
  }

  beforeAll(async () => {
    const allocatable = { cpu: '100', memory: '1Ti', pods: '1000' };
    await api.create('/api/v1/nodes', {
      metadata: { name: node, labels: { 'kubernetes.io/hostname': node }, annotations: UNATTENDED },
      spec: { taints: [taint] },
      status: { allocatable, capacity: allocatable },
    });
    await condition('True');
  });
  afterAll(() => api.delete(`/api/v1/nodes/${node}`));

  it('is not a failure of the driver, which is UNKNOWN until the node is back', async () => {
    const application = await cluster.env.spark.start(onThatNode('parted', {}));
    await scheduledDriver('parted');
    const running = { running: { startedAt: new Date().toISOString() } };
    await report('parted', 'Running', running);
    await status('parted', 'runs', ({ state }) => state === 'RUNNING');

    await condition('Unknown');
    await report('parted', 'Running', running, false);
    const { problem } = await status('parted', 'is UNKNOWN', ({ state }) => state === 'UNKNOWN');
    expect(problem).toMatchObject({ reason: 'NodeNotReady' });
    expect(problem!.message).toContain(node);
    expect((await driverOf('parted'))!.metadata!.deletionTimestamp).toBeUndefined();

    await condition('True');
    await report('parted', 'Running', running);
    const back = await status('parted', 'is back', ({ state }) => state === 'RUNNING');
    expect(back.problem).toBeUndefined();
    await report('parted', 'Failed', { terminated: { exitCode: 5, reason: 'Error' } });
    const { result } = await failureOf(application.result());
    expect(result).toMatchObject({ state: 'FAILED', exitCode: 5, attempts: 1 });
  });

  it('records a deleted driver as lost at its deadline, and keeps its pod until its end is confirmed', async () => {
    const manifest = onThatNode('unburied', { 'temporal-spark/lost-node-deadline': '2s' });
    manifest.spec.driver.terminationGracePeriodSeconds = 1;
    const application = await cluster.env.spark.start(manifest);
    await scheduledDriver('unburied');
    await report('unburied', 'Running', { running: { startedAt: new Date().toISOString() } });
    await status('unburied', 'runs', ({ state }) => state === 'RUNNING');
    await application.kill();
    const { result } = await failureOf(application.result());
    expect(result).toMatchObject({ state: 'CANCELLED', reason: 'NodeLost' });
    expect(result!.exitCode).toBeUndefined();
    expect(result!.message).toContain(node);
    await api.text('DELETE', `${pathOf('unburied')}?gracePeriodSeconds=0`);
    expect((await driverOf('unburied'))!.metadata!.finalizers).toContain(DRIVER_FINALIZER);
    // The next run of the application waits for it, too.
    await report('unburied', 'Failed', { terminated: { exitCode: 137, reason: 'Error' } });
    expect(await (await cluster.env.spark.start(pi('unburied'))).result()).toMatchObject({ state: 'COMPLETED' });
  });

  it('does not start the next attempt next to a driver that was deleted by force and may still run', async () => {
    const settings = {
      'temporal-spark/lost-node-deadline': '1s',
      'temporal-spark/restart-retries': 'infrastructure=1',
    };
    const application = await cluster.env.spark.start(onThatNode('forced', settings));
    const { metadata } = await scheduledDriver('forced');
    const running = { running: { startedAt: new Date().toISOString() } };
    await report('forced', 'Running', running);
    await status('forced', 'runs', ({ state }) => state === 'RUNNING');

    await condition('Unknown');
    await api.text('DELETE', `${pathOf('forced')}?gracePeriodSeconds=0`);
    const { attemptHistory } = await status('forced', 'tries again', ({ attempts }) => attempts === 2);
    expect(attemptHistory).toMatchObject([{ state: 'FAILED', reason: 'NodeLost' }]);
    await eventually('the next attempt to report that it waits', async () => {
      const { pending } = await application.describe();
      return pending.some(({ lastFailure }) => lastFailure?.includes(`waiting for node ${node} to confirm`));
    });
    const kept = await driverOf('forced');
    expect(kept!.metadata).toMatchObject({ uid: metadata!.uid, finalizers: [DRIVER_FINALIZER] });

    // Its kubelet answers again, and ends the process.
    await condition('True');
    await report('forced', 'Failed', { terminated: { exitCode: 137, reason: 'Error' } });
    await eventually('the next driver', async () => {
      const pod = await driverOf('forced');
      return pod !== undefined && pod.metadata!.uid !== metadata!.uid && pod.spec?.nodeName !== undefined;
    });
    await report('forced', 'Succeeded', { terminated: { exitCode: 0, reason: 'Completed' } });
    expect(await application.result()).toMatchObject({ state: 'COMPLETED', attempts: 2 });
  });
});

describe('a driver that is evicted', () => {
  it('is distinguished from one that failed by itself, and retried by its class', async () => {
    const manifest = pi('evicted', RUN_FOREVER);
    manifest.metadata.annotations = { 'temporal-spark/restart-retries': 'infrastructure=1' };
    const application = await cluster.env.spark.start(manifest);
    await runningDriver('evicted');
    await status('evicted', 'runs', ({ state }) => state === 'RUNNING');
    await api.create(`${pathOf('evicted')}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'evicted-driver', namespace: cluster.env.namespace },
    });
    const { attemptHistory } = await status('evicted', 'tries again', ({ attempts }) => attempts === 2);
    expect(attemptHistory).toMatchObject([
      { state: 'FAILED', reason: 'EvictionByEvictionAPI', exitCode: 143, failureClass: 'infrastructure' },
    ]);
    await application.kill();
    await failureOf(application.result());
  });
});

describe('a namespace that is deleted', () => {
  it('is deleted: the driver is recorded and released', async () => {
    const namespace = await createNamespace({ prefix: 'doomed' });
    const application = await cluster.env.spark.start(sparkPi({ name: 'doomed', namespace, annotations: RUN_FOREVER }));
    await eventually('it to run', async () => (await application.describe()).status?.state === 'RUNNING');
    await api.delete(`/api/v1/namespaces/${namespace}`);
    expect((await failureOf(application.result())).result).toMatchObject({ state: 'FAILED', exitCode: 143 });
    await eventually('the namespace to go', async () => {
      const { items } = await api.get<{ items: unknown[] }>(
        `/api/v1/namespaces?fieldSelector=metadata.name=${namespace}`,
      );
      return items.length === 0;
    });
  });
});

describe('a watch that shows no change any more', () => {
  it('does not block a wait for ever: the driver is read directly at intervals', async () => {
    const { env } = cluster;
    const application = await env.spark.start(pi('unseen', { 'lab.temporal-spark/run-seconds': '3' }));
    const driver = await cluster.runningDriver('unseen');
    const blind = Object.create(env.kubernetes, {
      watch: {
        value: (): WatchLease<Pod> => ({
          ready: Promise.resolve(),
          get: () => driver,
          list: () => [],
          subscribe: () => () => undefined,
          release: () => undefined,
        }),
      },
    }) as KubernetesClient;
    const input: WaitInput = {
      namespace: env.namespace,
      driverPodName: 'unseen-driver',
      submissionId: driver.metadata!.labels![Label.SubmissionId]!,
      until: 'ended',
      startProblemDeadlineMs: 60_000,
      confirmEveryMs: 1_000,
    };
    const seen = await new MockActivityEnvironment().run(waitForSparkDriver, blind, input);
    expect(seen).toMatchObject({ state: 'ENDED', outcome: { succeeded: true, exitCode: 0 } });
    expect(await application.result()).toMatchObject({ state: 'COMPLETED' });
  });
});

describe('a workflow that is reset', () => {
  it('finds the driver of its attempt again, and creates no other', async () => {
    const application = await cluster.env.spark.start(pi('reset', RUN_FOREVER));
    const driver = await runningDriver('reset');
    await status('reset', 'runs', ({ state }) => state === 'RUNNING');
    const { runId } = await cluster.env.client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: application.workflowId, runId: application.runId },
      reason: 'test',
      workflowTaskFinishEventId: 4 as never,
      requestId: randomBytes(8).toString('hex'),
    });
    expect(runId).not.toBe(application.runId);
    await status('reset', 'runs again', ({ state, attempts }) => state === 'RUNNING' && attempts === 1);
    expect((await driverOf('reset'))!.metadata!.uid).toBe(driver.metadata!.uid);
    await cluster.env.spark.kill(application.workflowId);
    expect((await failureOf(cluster.env.spark.result(application.workflowId))).result).toMatchObject({
      state: 'CANCELLED',
      attempts: 1,
    });
    expect(cluster.drivers.attemptsOf('reset')).toHaveLength(1);
  });
});
