import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { describe, expect, it } from 'vitest';
import { Resources } from '../../src/kubernetes/index.ts';
import { Annotation, DRIVER_FINALIZER, Label } from '../../src/spark/metadata.ts';
import { NativeSubmitter, type SparkApplicationSubmitter } from '../../src/submitters/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER } from '../support/manifests.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const cluster = useCluster('lifecycle', { rights: 'chart', worker: {} });
const { pi, driverOf, runningDriver } = cluster;

describe('an application that completes', () => {
  it('is submitted, waited for and released, and its result has the outcome', async () => {
    const application = await cluster.env.spark.start(pi('plain'));
    const result = await application.result();
    expect(result).toMatchObject({
      state: 'COMPLETED',
      namespace: cluster.env.namespace,
      name: 'plain',
      attempts: 1,
      driverPodName: 'plain-driver',
      exitCode: 0,
      reason: 'Completed',
      placement: { profile: 'default', driverPool: 'compute' },
    });
    expect(result.sparkApplicationId).toMatch(/^spark-[0-9a-f]{32}$/);
    expect(Date.parse(result.startedAt!)).toBeLessThanOrEqual(Date.parse(result.finishedAt));

    const pod = (await driverOf('plain'))!;
    expect(pod.metadata!.finalizers).toBeUndefined();
    expect(pod.metadata!.labels).toMatchObject({
      'spark-role': 'driver',
      'spark-app-selector': result.sparkApplicationId,
      [Label.SubmissionId]: result.submissionId,
    });
    expect(pod.metadata!.annotations).toMatchObject({
      [Annotation.TemporalNamespace]: 'default',
      [Annotation.TemporalNamespaceId]: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
    });
    expect(cluster.drivers.attemptsOf('plain')).toHaveLength(1);
  });

  it('runs again under the same name: the finished driver is deleted', async () => {
    const first = await (await cluster.env.spark.start(pi('again'))).result();
    const second = await (await cluster.env.spark.start(pi('again'))).result();
    expect(second.state).toBe('COMPLETED');
    expect(second.submissionId).not.toBe(first.submissionId);
    expect(cluster.drivers.attemptsOf('again')).toHaveLength(2);
  });
});

describe('an application whose name is still taken', () => {
  it('runs right after it was killed, although its old driver is only just going', async () => {
    const killed = await cluster.env.spark.start(pi('hurried', RUN_FOREVER));
    await runningDriver('hurried');
    await killed.kill();
    await failureOf(killed.result());
    const again = await cluster.env.spark.start(pi('hurried'));
    expect(await again.result()).toMatchObject({ state: 'COMPLETED', attempts: 1 });
    expect(cluster.drivers.attemptsOf('hurried')).toHaveLength(2);
  });

  it('does not run while the driver of a terminated run exists, and reports how to release it', async () => {
    const lost = await cluster.env.spark.start(pi('terminated', RUN_FOREVER));
    const { metadata } = await runningDriver('terminated');
    await cluster.env.client.workflow.getHandle(lost.workflowId).terminate();
    const failure = await failureOf((await cluster.env.spark.start(pi('terminated'))).result());
    expect(failure.result).toMatchObject({ state: 'FAILED', reason: 'DriverNameConflict' });
    expect(failure.result!.message).toContain(`run ${lost.runId}`);
    expect(failure.result!.message).toContain('kubectl -n');
    expect((await driverOf('terminated'))!.metadata!.uid).toBe(metadata!.uid);
  });
});

describe('the order of the record', () => {
  it('has the submission ID in history before the driver is created, and the outcome before finalize is scheduled', async () => {
    const env = cluster.separate();
    const creations: string[] = [];
    const native = new NativeSubmitter();
    let workflowId = '';
    const submitter: SparkApplicationSubmitter = {
      name: 'observed',
      submit: async (request, context) => {
        const history = historyToJSON(await env.client.workflow.getHandle(workflowId).fetchHistory());
        const payloads = [...history.matchAll(/"data": ?"([^"]+)"/g)].map(([, data]) =>
          Buffer.from(data!, 'base64').toString(),
        );
        creations.push(
          payloads.some((payload) => payload.includes(request.identity.submissionId)) ? 'recorded' : 'unrecorded',
        );
        return native.submit(request, context);
      },
    };
    await withWorker(
      env,
      async () => {
        workflowId = `spark/${env.namespace}/order`;
        const application = await env.spark.start(pi('order'));
        await application.result();
        const { events = [] } = await env.client.workflow.getHandle(workflowId).fetchHistory();
        const index = (activity: string) =>
          events!.findIndex((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity);
        const finalizeScheduled = index('finalizeSparkApplication');
        const lastWait = events!.findLastIndex(
          (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'waitForSparkDriver',
        );
        const outcomeRecorded = events!.findIndex(
          (event) =>
            event.activityTaskCompletedEventAttributes?.scheduledEventId?.toString() ===
            events![lastWait]!.eventId?.toString(),
        );
        const taskAfter = events!.findIndex(
          (event, position) => position > outcomeRecorded && event.workflowTaskCompletedEventAttributes,
        );
        expect(index('submitSparkApplication')).toBeGreaterThan(0);
        expect(outcomeRecorded).toBeGreaterThan(lastWait);
        expect(taskAfter).toBeGreaterThan(outcomeRecorded);
        expect(finalizeScheduled).toBeGreaterThan(taskAfter);
      },
      { submitter },
    );
    expect(creations).toEqual(['recorded']);
  });

  it('keeps the finalizer on the pod for as long as finalize is held back', async () => {
    const env = cluster.separate();
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let reached = () => {};
    const finalizing = new Promise<void>((resolve) => (reached = resolve));
    const kubernetes = Object.create(env.kubernetes, {
      patch: {
        value: async (...args: Parameters<typeof cluster.env.kubernetes.patch>) => {
          reached();
          await held;
          return env.kubernetes.patch(...args);
        },
      },
    }) as typeof cluster.env.kubernetes;
    await withWorker(
      env,
      async () => {
        const application = await env.spark.start(pi('held'));
        await finalizing;
        const pod = (await driverOf('held'))!;
        expect(pod.metadata!.finalizers).toEqual([DRIVER_FINALIZER]);
        expect(pod.status!.phase).toBe('Succeeded');
        expect((await application.describe()).status).toMatchObject({ state: 'SUCCEEDING', exitCode: 0 });
        release();
        await application.result();
        expect((await driverOf('held'))!.metadata!.finalizers).toBeUndefined();
      },
      { kubernetes },
    );
  });
});

describe('an application that does not complete', () => {
  it('fails with the exit code of its driver', async () => {
    const application = await cluster.env.spark.start(pi('fails', { 'lab.temporal-spark/exit-code': '3' }));
    const failure = await failureOf(application.result());
    expect(failure.result).toMatchObject({ state: 'FAILED', exitCode: 3, reason: 'Error' });
    expect(failure.message).toContain('exit code 3');
    expect((await driverOf('fails'))!.metadata!.finalizers).toBeUndefined();
  });

  it('keeps a deleted driver pod until its end is recorded, and reports it', async () => {
    const application = await cluster.env.spark.start(pi('deleted', RUN_FOREVER));
    const { metadata } = await runningDriver('deleted');
    await cluster.env.kubernetes.delete(Resources.pods, cluster.env.namespace, 'deleted-driver', {
      uid: metadata!.uid!,
    });
    const failure = await failureOf(application.result());
    expect(failure.result).toMatchObject({ state: 'FAILED', exitCode: 143 });
    await eventually('the pod to go', async () => (await driverOf('deleted')) === undefined);
    const last = cluster.drivers.seen.get(metadata!.uid!)!;
    // The last events of the pod: ended, recorded, then released.
    expect(last.status!.phase).toBe('Failed');
  });

  it('reports a pod that vanished because its finalizer was removed externally', async () => {
    const application = await cluster.env.spark.start(pi('vanished', RUN_FOREVER));
    await runningDriver('vanished');
    // Not while it is being submitted: a driver without its finalizer is then the submitter's fault.
    await eventually('the state RUNNING', async () => (await application.describe()).status?.state === 'RUNNING');
    await cluster.env.kubernetes.patch(
      Resources.pods,
      cluster.env.namespace,
      'vanished-driver',
      'application/merge-patch+json',
      {
        metadata: { finalizers: null },
      },
    );
    await cluster.env.kubernetes.delete(Resources.pods, cluster.env.namespace, 'vanished-driver', {
      gracePeriodSeconds: 0,
    });
    const failure = await failureOf(application.result());
    expect(failure.result).toMatchObject({ state: 'FAILED' });
    expect(['DriverVanished', 'Error', 'Deleted']).toContain(failure.result!.reason);
  });

  it('stops the driver, records it and releases it when it is cancelled', async () => {
    const application = await cluster.env.spark.start(pi('cancelled', RUN_FOREVER));
    await runningDriver('cancelled');
    await application.kill();
    const failure = await failureOf(application.result());
    expect(failure.result).toMatchObject({ state: 'CANCELLED', exitCode: 143, driverPodName: 'cancelled-driver' });
    await eventually('the pod to go', async () => (await driverOf('cancelled')) === undefined);
    expect((await application.describe()).workflowStatus).toBe('CANCELLED');
  });
});

describe('a cancel while the submission is under way', () => {
  it('waits for it, then removes what it created', async () => {
    const env = cluster.separate();
    const native = new NativeSubmitter();
    let arrived = () => {};
    const submitting = new Promise<void>((resolve) => (arrived = resolve));
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const submitter: SparkApplicationSubmitter = {
      name: 'slow',
      submit: async (request, context) => {
        arrived();
        await released;
        return native.submit(request, context);
      },
    };
    await withWorker(
      env,
      async () => {
        const application = await env.spark.start(pi('overtaken', RUN_FOREVER));
        await submitting;
        await application.kill();
        const { workflowStatus } = await eventually('the cancel to reach the workflow', async () => {
          const { events } = await env.client.workflow.getHandle(application.workflowId).fetchHistory();
          const heard = events?.some((event) => event.activityTaskCancelRequestedEventAttributes);
          return heard && application.describe();
        });
        // It cannot end yet: it is unknown whether there will be a driver.
        expect(workflowStatus).toBe('RUNNING');
        release();
        expect((await failureOf(application.result())).result).toMatchObject({ state: 'CANCELLED' });
        expect(cluster.drivers.attemptsOf('overtaken')).toHaveLength(1);
        await eventually('the pod to go', async () => (await driverOf('overtaken')) === undefined);
      },
      { submitter },
    );
  });
});

describe('a submission that cannot be made', () => {
  it('leaves a pod of the same name that is not ours untouched', async () => {
    await cluster.env.kubernetes.create(Resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'taken-driver', namespace: cluster.env.namespace },
      spec: { containers: [{ name: 'main', image: 'busybox' }] },
    });
    const before = await driverOf('taken');
    const failure = await failureOf((await cluster.env.spark.start(pi('taken'))).result());
    expect(failure.result).toMatchObject({ state: 'FAILED', reason: 'DriverNameConflict' });
    expect(failure.result!.message).toContain('was not created by temporal-spark');
    expect((await driverOf('taken'))!.metadata!.uid).toBe(before!.metadata!.uid);
  });

  it.each([
    ['namespace', { namespace: 'no-such-namespace' }, 'NamespaceNotFound', 'no-such-namespace'],
    ['service account', { serviceAccount: 'nobody' }, 'ServiceAccountNotFound', 'nobody'],
  ])(
    'names the missing %s',
    async (kind, { namespace, serviceAccount }: { namespace?: string; serviceAccount?: string }, reason, named) => {
      const manifest = pi(`missing-${kind.replace(' ', '-')}`);
      if (namespace !== undefined) manifest.metadata.namespace = namespace;
      if (serviceAccount !== undefined) manifest.spec.driver.serviceAccount = serviceAccount;
      const failure = await failureOf((await cluster.env.spark.start(manifest)).result());
      expect(failure.result).toMatchObject({ state: 'FAILED', reason });
      expect(failure.message).toContain(named);
    },
  );

  it('detects a submitter that violates its contract, and leaves nothing behind', async () => {
    const env = cluster.separate();
    const native = new NativeSubmitter();
    const submitter: SparkApplicationSubmitter = {
      name: 'disobedient',
      submit: (request, context) =>
        native.submit({ ...request, identity: { ...request.identity, finalizers: [] } }, context),
    };
    await withWorker(
      env,
      async () => {
        const failure = await failureOf((await env.spark.start(pi('disobeyed', RUN_FOREVER))).result());
        expect(failure.result).toMatchObject({ state: 'FAILED', reason: 'SubmitterContractViolation' });
        expect(failure.message).toContain(DRIVER_FINALIZER);
        await eventually('the pod to go', async () => (await driverOf('disobeyed')) === undefined);
      },
      { submitter },
    );
  });
});

describe('a worker that dies', () => {
  it('by SIGKILL while the driver runs is replaced by another: one driver, completed, released', async () => {
    const env = cluster.separate();
    const first = await startWorkerProcess(env);
    const application = await env.spark.start(pi('survivor', { 'lab.temporal-spark/run-seconds': '6' }));
    await runningDriver('survivor');
    await first.end('SIGKILL');
    expect((await driverOf('survivor'))!.metadata!.finalizers).toEqual([DRIVER_FINALIZER]);
    const second = await startWorkerProcess(env);
    try {
      expect(await application.result()).toMatchObject({ state: 'COMPLETED', attempts: 1, exitCode: 0 });
      expect((await driverOf('survivor'))!.metadata!.finalizers).toBeUndefined();
      expect(cluster.drivers.attemptsOf('survivor')).toHaveLength(1);
    } finally {
      expect(await second.end('SIGTERM')).toEqual({ code: 0, signal: null });
    }
  });

  it('by a shutdown leaves the driver alone', async () => {
    const env = cluster.separate();
    const first = await startWorkerProcess(env);
    const application = await env.spark.start(pi('handed-over', RUN_FOREVER));
    const { metadata } = await runningDriver('handed-over');
    expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null });
    const pod = (await driverOf('handed-over'))!;
    expect(pod.metadata!.uid).toBe(metadata!.uid);
    expect(pod.metadata!.deletionTimestamp).toBeUndefined();
    const second = await startWorkerProcess(env);
    await application.kill();
    expect((await failureOf(application.result())).result).toMatchObject({ state: 'CANCELLED' });
    await second.end();
  });
});
