import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { sweepSparkDrivers, type SweptClusters } from '../../src/activities/housekeeping/sweep-spark-drivers.ts';
import { DriverSweep } from '../../src/activities/housekeeping/driver-sweep.ts';
import { PatchType, Resources, type KubernetesClient } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { Annotation, DRIVER_FINALIZER, Label } from '../../src/spark/metadata.ts';
import {
  HOUSEKEEPING_SCHEDULE_ID,
  HOUSEKEEPING_WORKFLOW,
  SearchAttribute,
  type SweepInput,
  type SweepReport,
} from '../../src/protocol/index.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { cli, type CliResult } from '../support/cli.ts';
import {
  connectEnvironment,
  failureOf,
  type Environment,
  startWorker,
  type RunningWorker,
} from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';

let env: Environment;
let worker: RunningWorker;

beforeAll(async () => {
  const lab = sharedLab();
  const namespace = await createNamespace({ prefix: 'housekeeping' });
  env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress: lab.temporal.address, namespace });
  worker = await startWorker(env);
});

afterAll(async () => {
  await worker?.stop();
  await env?.close();
});

/** A namespace in which nothing else is, so that all that is found there is the test's. */
async function elsewhere(): Promise<Environment> {
  const namespace = await createNamespace({ prefix: 'housekeeping' });
  return { ...env, namespace };
}

function pi(name: string, { namespace }: Environment, annotations: Record<string, string> = RUN_FOREVER) {
  return sparkPi({ name, namespace, annotations });
}

async function podOf(name: string, { kubernetes, namespace }: Environment): Promise<Pod | undefined> {
  return kubernetes.get(Resources.pods, namespace, name);
}

async function finalizersOf(name: string, where: Environment): Promise<readonly string[] | undefined> {
  return (await podOf(name, where))?.metadata?.finalizers;
}

async function runs(name: string, where: Environment): Promise<Pod> {
  return eventually(`${name} to run`, async () => {
    const pod = await podOf(name, where);
    return pod?.status?.phase === 'Running' && pod;
  });
}

/** What the schedule would run. */
async function keepHouse(where: Environment, input: SweepInput = {}): Promise<SweepReport> {
  return where.client.workflow.execute(HOUSEKEEPING_WORKFLOW, {
    workflowId: `housekeeping-${randomUUID()}`,
    taskQueue: where.taskQueue,
    args: [{ namespace: where.namespace, graceMs: 0, ...input }],
  }) as Promise<SweepReport>;
}

/** A driver pod with our finalizer and the annotations of that workflow. */
async function heldPod(
  where: Environment,
  name: string,
  annotations: Record<string, string> = {},
  metadata: Pod['metadata'] = {},
): Promise<Pod> {
  return where.kubernetes.create(Resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: where.namespace,
      labels: { [Label.SubmissionId]: randomUUID(), 'spark-role': 'driver' },
      annotations: {
        [Annotation.TemporalNamespace]: 'default',
        [Annotation.WorkflowId]: `spark/${where.namespace}/${name}`,
        [Annotation.FirstRunId]: randomUUID(),
        'lab.temporal-spark/run-seconds': 'forever',
        ...annotations,
      },
      finalizers: [DRIVER_FINALIZER],
      ...metadata,
    },
    spec: { containers: [{ name: 'spark-kubernetes-driver', image: 'spark' }] },
  });
}

const only = (kubernetes: KubernetesClient): SweptClusters => ({
  names: [undefined],
  client: async () => kubernetes,
});

describe('a driver whose workflow can no longer release it', () => {
  it('is released when the workflow was terminated, and an Event of the pod has the reason', async () => {
    const where = await elsewhere();
    const lost = await where.spark.start(pi('lost', where));
    const open = await where.spark.start(pi('open', where));
    const pod = await runs('lost-driver', where);
    await runs('open-driver', where);
    await where.client.workflow.getHandle(lost.workflowId).terminate();

    expect(await keepHouse(where)).toMatchObject({ drivers: 2, released: 1, deleted: 0, problems: [] });
    expect(await finalizersOf('lost-driver', where)).toBeUndefined();
    expect(await finalizersOf('open-driver', where)).toEqual([DRIVER_FINALIZER]);
    const events: { reason?: string; message?: string; uid?: string }[] = [];
    for await (const page of where.kubernetes.list(Resources.events, where.namespace)) {
      for (const { reason, message, involvedObject } of page) {
        if (reason === 'FinalizerReleased') events.push({ reason, message: message!, uid: involvedObject.uid! });
      }
    }
    expect(events).toEqual([
      {
        reason: 'FinalizerReleased',
        message: expect.stringContaining('is TERMINATED') as string,
        uid: pod.metadata!.uid,
      },
    ]);

    expect(await keepHouse(where)).toMatchObject({ drivers: 2, released: 0 });
    await open.kill();
    await failureOf(open.result());
  });

  it('is released when the workflow timed out, which unblocks a terminating namespace', async () => {
    const where = await elsewhere();
    const { workflowId } = await where.client.workflow.start('sparkApplication', {
      workflowId: `spark/${where.namespace}/late`,
      taskQueue: where.taskQueue,
      args: [pi('late', where)],
      workflowExecutionTimeout: '3 seconds',
    });
    await runs('late-driver', where);
    await eventually('the workflow to time out', async () => {
      return (await where.client.workflow.getHandle(workflowId).describe()).status.name === 'TIMED_OUT';
    });
    await where.kubernetes.delete(Resources.namespaces, undefined, where.namespace);
    await eventually('the driver to end', async () => (await podOf('late-driver', where))?.status?.phase === 'Failed');
    expect(await keepHouse(where, { graceMs: 0 })).toMatchObject({ released: 1 });
    await eventually('the namespace to go', async () => {
      return (await where.kubernetes.get(Resources.namespaces, undefined, where.namespace)) === undefined;
    });
  });

  it('is released when the same application was started again, whose driver keeps its finalizer', async () => {
    const where = await elsewhere();
    const first = await where.spark.start(pi('twice', where));
    await runs('twice-driver', where);
    await where.client.workflow.getHandle(first.workflowId).terminate();
    const manifest = pi('twice', where);
    manifest.spec.driver.podName = 'twice-again';
    const second = await where.spark.start(manifest);
    await runs('twice-again', where);

    expect(await keepHouse(where)).toMatchObject({ drivers: 2, released: 1 });
    expect(await finalizersOf('twice-driver', where)).toBeUndefined();
    expect(await finalizersOf('twice-again', where)).toEqual([DRIVER_FINALIZER]);
    await second.kill();
    await failureOf(second.result());
  });

  it('is unchanged while the workflow continues in another run: reset', async () => {
    const where = await elsewhere();
    const application = await where.spark.start(pi('reset', where));
    await runs('reset-driver', where);
    await eventually('it to run', async () => (await application.describe()).status?.state === 'RUNNING');
    await where.client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: application.workflowId, runId: application.runId },
      workflowTaskFinishEventId: 4 as never,
      requestId: randomUUID(),
      reason: 'test',
    });
    expect(await keepHouse(where)).toMatchObject({ drivers: 1, released: 0 });
    expect(await finalizersOf('reset-driver', where)).toEqual([DRIVER_FINALIZER]);
    await where.spark.kill(application.workflowId);
    await failureOf(where.spark.result(application.workflowId));
    expect((await podOf('reset-driver', where))?.metadata?.finalizers).toBeUndefined();
  });

  it('is released only after it has ended, and after the longer grace, when Temporal does not know the workflow', async () => {
    const where = await elsewhere();
    await heldPod(where, 'forgotten');
    await runs('forgotten', where);
    // Another Temporal may know it: one that runs is left alone.
    expect(await keepHouse(where, { unknownGraceMs: 0 })).toMatchObject({ drivers: 1, released: 0, held: 0 });
    await where.kubernetes.delete(Resources.pods, where.namespace, 'forgotten');
    await eventually('it to end', async () => (await podOf('forgotten', where))?.status?.phase === 'Failed');
    expect(await keepHouse(where)).toMatchObject({ released: 0, held: 1 });
    const { released, held } = await keepHouse(where, { unknownGraceMs: 0 });
    expect({ released, held }).toEqual({ released: 1, held: 0 });
    expect(await podOf('forgotten', where)).toBeUndefined();
  });
});

describe('what housekeeping never touches', () => {
  it('leaves foreign pods, finalizers and namespaces of Temporal alone, and what is too young', async () => {
    const where = await elsewhere();
    await heldPod(where, 'of-nobody', {}, { annotations: {} });
    await heldPod(where, 'of-another', { [Annotation.TemporalNamespace]: 'another' });
    await heldPod(where, 'unlabelled', {}, { labels: {} });
    const names = ['of-nobody', 'of-another', 'unlabelled'];
    for (const name of names) await where.kubernetes.delete(Resources.pods, where.namespace, name);
    const lost = await where.spark.start(pi('young', where));
    await runs('young-driver', where);
    await where.client.workflow.getHandle(lost.workflowId).terminate();
    const report = await keepHouse(where, { graceMs: 600_000, unknownGraceMs: 0 });
    expect(report).toMatchObject({ drivers: 3, released: 0 });
    await keepHouse(where, { unknownGraceMs: 0 });
    for (const name of names) expect(await finalizersOf(name, where)).toEqual([DRIVER_FINALIZER]);
    expect(await finalizersOf('young-driver', where)).toBeUndefined();
  });

  it('takes off its own finalizer only', async () => {
    const where = await elsewhere();
    await heldPod(where, 'shared', {}, { finalizers: ['example.com/theirs', DRIVER_FINALIZER] });
    await where.kubernetes.delete(Resources.pods, where.namespace, 'shared');
    await eventually('it to end', async () => (await podOf('shared', where))?.status?.phase === 'Failed');
    await keepHouse(where, { unknownGraceMs: 0 });
    expect(await finalizersOf('shared', where)).toEqual(['example.com/theirs']);
  });

  it('releases nothing where Temporal is unreachable', async () => {
    const where = await elsewhere();
    const pod = await heldPod(where, 'unasked');
    await where.kubernetes.delete(Resources.pods, where.namespace, 'unasked');
    const nowhere = Connection.lazy({ address: '127.0.0.1:1' });
    onTestFinished(() => nowhere.close());
    const sweep = new DriverSweep(where.kubernetes, new Client({ connection: nowhere }), {
      graceMs: 0,
      unknownGraceMs: 0,
    });
    await expect(nowhere.withDeadline(Date.now() + 2_000, () => sweep.page([pod]))).rejects.toThrow();
    expect(await finalizersOf('unasked', where)).toEqual([DRIVER_FINALIZER]);
  });

  it('leaves a driver alone that was finalized, or adopted, between the check and the action', async () => {
    const where = await elsewhere();
    const stale = await heldPod(where, 'stale');
    await where.kubernetes.patch(Resources.pods, where.namespace, 'stale', 'application/merge-patch+json', {
      metadata: { finalizers: null },
    });
    await where.kubernetes.delete(Resources.pods, where.namespace, 'stale', { gracePeriodSeconds: 0 });
    await eventually('it to go', async () => (await podOf('stale', where)) === undefined);
    await heldPod(where, 'stale');
    const ended: Pod = { ...stale, metadata: { ...stale.metadata, deletionTimestamp: '2020-01-01T00:00:00Z' } };
    const sweep = new DriverSweep(where.kubernetes, where.client, { graceMs: 0, unknownGraceMs: 0 });
    expect((await sweep.page([ended])).actions).toEqual([]);
    expect(await finalizersOf('stale', where)).toEqual([DRIVER_FINALIZER]);
  });
});

describe('a driver with a time to live', () => {
  it('is deleted with what it owns once that is over, and not before it was released', async () => {
    const where = await elsewhere();
    for (const [name, seconds] of [
      ['short', 1],
      ['long', 3600],
    ] as const) {
      const manifest = pi(name, where, {});
      manifest.spec.timeToLiveSeconds = seconds;
      await (await where.spark.start(manifest)).result();
    }
    await heldPod(where, 'held', { [Annotation.TimeToLiveSeconds]: '0', 'lab.temporal-spark/run-seconds': '0' });
    await eventually('it to end', async () => (await podOf('held', where))?.status?.phase === 'Succeeded');
    await eventually('the short one to be deleted', async () => (await keepHouse(where)).deleted === 1);
    expect(await podOf('short-driver', where)).toBeUndefined();
    expect(await podOf('long-driver', where)).toBeDefined();
    expect(await podOf('held', where)).toBeDefined();
    await eventually('its service to go', async () => {
      const services: string[] = [];
      for await (const page of where.kubernetes.list(Resources.services, where.namespace)) {
        services.push(...page.map(({ metadata }) => metadata!.name!));
      }
      return services.every((name) => !name.startsWith('short-'));
    });
  });
});

describe("drivers of a schedule's earlier runs", () => {
  it('are deleted where there are more of their kind than the schedule keeps', async () => {
    const where = await elsewhere();
    const ended = async (name: string, seconds: string, exitCode = '0', held = false): Promise<void> => {
      const annotations = {
        'lab.temporal-spark/run-seconds': seconds,
        'lab.temporal-spark/exit-code': exitCode,
        [Annotation.SuccessfulRunHistoryLimit]: '2',
        [Annotation.FailedRunHistoryLimit]: '1',
      };
      const schedule = name === 'of-none' ? {} : { [Label.ScheduledAppName]: 'nightly' };
      const pod = await heldPod(where, name, annotations);
      const labels = { ...pod.metadata!.labels, ...schedule };
      const metadata = { labels, ...(held ? {} : { finalizers: null }) };
      await where.kubernetes.patch(Resources.pods, where.namespace, name, PatchType.Merge, { metadata });
      const over = async () => /Succeeded|Failed/.test((await podOf(name, where))?.status?.phase ?? '');
      await eventually(`${name} to end`, over);
    };
    // Ends have a resolution of seconds.
    await Promise.all([
      ended('first', '1'),
      ended('second', '3'),
      ended('third', '5'),
      ended('failed-first', '1', '1'),
      ended('failed-second', '3', '1'),
      ended('held', '0', '0', true),
      ended('of-none', '0'),
    ]);
    const kept = { namespace: where.namespace, unknownGraceMs: 3_600_000 };
    expect(await keepHouse(where, kept)).toMatchObject({ drivers: 7, released: 0, deleted: 2, problems: [] });
    expect(await keepHouse(where, kept)).toMatchObject({ drivers: 5, deleted: 0 });
    for (const name of ['first', 'failed-first']) expect(await podOf(name, where)).toBeUndefined();
  });
});

describe('many drivers', () => {
  it('are swept in pages, after an interruption from the last one', async () => {
    const where = await elsewhere();
    await Promise.all(Array.from({ length: 25 }, (_, index) => heldPod(where, `many-${index}`)));
    const sizes: number[] = [];
    const kubernetes = Object.create(where.kubernetes, {
      page: {
        value: async (...args: Parameters<KubernetesClient['page']>) => {
          const page = await where.kubernetes.page(...args);
          sizes.push(page.items.length);
          return page;
        },
      },
    }) as KubernetesClient;
    const input: SweepInput = { namespace: where.namespace, graceMs: 0, pageSize: 10 };
    const heartbeats: unknown[] = [];
    const whole = new MockActivityEnvironment({}, { client: where.client });
    whole.on('heartbeat', (details) => heartbeats.push(details));
    expect(await whole.run(sweepSparkDrivers, only(kubernetes), input)).toMatchObject({ drivers: 25, released: 0 });
    expect(sizes).toEqual([10, 10, 5]);

    sizes.length = 0;
    const resumed = new MockActivityEnvironment({ heartbeatDetails: heartbeats[1] }, { client: where.client });
    expect(await resumed.run(sweepSparkDrivers, only(kubernetes), input)).toMatchObject({ drivers: 25, released: 0 });
    expect(sizes).toEqual([5]);
  });

  it('are swept in the given namespaces one after the other, after an interruption from the last page', async () => {
    const wheres = [await elsewhere(), await elsewhere(), await elsewhere()];
    await Promise.all(wheres.map((where) => heldPod(where, 'one')));
    const { kubernetes, client } = wheres[0]!;
    const input: SweepInput = { namespaces: wheres.slice(0, 2).map(({ namespace }) => namespace), graceMs: 0 };
    const heartbeats: unknown[] = [];
    const whole = new MockActivityEnvironment({}, { client });
    whole.on('heartbeat', (details) => heartbeats.push(details));
    expect(await whole.run(sweepSparkDrivers, only(kubernetes), input)).toMatchObject({ drivers: 2 });
    expect(heartbeats).toMatchObject([{ index: 1, drivers: 1 }, { index: 2 }]);
    const resumed = new MockActivityEnvironment({ heartbeatDetails: heartbeats[0] }, { client });
    expect(await resumed.run(sweepSparkDrivers, only(kubernetes), input)).toMatchObject({ drivers: 2 });
  });
});

describe('temporal-spark setup', () => {
  const temporalSpark = (...args: string[]): Promise<CliResult> =>
    cli(args, { env: { TEMPORAL_ADDRESS: env.temporalAddress, KUBECONFIG: env.kubeconfig } });
  const attributes = Object.values(SearchAttribute).map(({ name }) => name);

  it('creates a schedule that keeps house, and search attributes; doing it again changes nothing', async () => {
    const where = await elsewhere();
    const schedule = env.client.schedule.getHandle(HOUSEKEEPING_SCHEDULE_ID);
    onTestFinished(() => schedule.delete());
    const args = ['setup', '--task-queue', where.taskQueue, '-n', where.namespace, '--grace-seconds', '0'];

    const first = await temporalSpark(...args);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain(`created    schedule ${HOUSEKEEPING_SCHEDULE_ID}`);
    for (const name of attributes)
      expect(first.stdout).toMatch(new RegExp(`(created|unchanged) +search attribute ${name}`));

    await schedule.pause('by hand');
    const before = await schedule.describe();
    const second = await temporalSpark(...args);
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).not.toMatch(/^(created|updated|failed)/m);
    expect(second.stdout).toContain('is already set up');
    expect((await schedule.describe()).info.lastUpdatedAt).toEqual(before.info.lastUpdatedAt);

    const changed = await temporalSpark(...args, '--every-seconds', '60');
    expect(changed).toMatchObject({ code: 0 });
    expect(changed.stdout).toContain(`updated    schedule ${HOUSEKEEPING_SCHEDULE_ID}`);
    const { spec, state, policies } = await schedule.describe();
    expect(spec.intervals).toMatchObject([{ every: 60_000 }]);
    expect(state).toMatchObject({ paused: true, note: 'by hand' });
    expect(policies.overlap).toBe('SKIP');

    await schedule.unpause();
    const lost = await where.spark.start(pi('scheduled', where));
    await runs('scheduled-driver', where);
    await where.client.workflow.getHandle(lost.workflowId).terminate();
    await schedule.trigger();
    await eventually('the driver to be released', async () => {
      return (await finalizersOf('scheduled-driver', where)) === undefined;
    });
  });
});

describe('temporal-spark release', () => {
  const release = (where: Environment, ...args: string[]): Promise<CliResult> =>
    cli(['release', '-n', where.namespace, ...args], {
      env: { TEMPORAL_ADDRESS: where.temporalAddress, KUBECONFIG: where.kubeconfig },
    });

  it('releases orphans only; with --all and --yes every driver; with --dry-run none', async () => {
    const where = await elsewhere();
    const lost = await where.spark.start(pi('lost', where));
    const open = await where.spark.start(pi('open', where));
    await runs('lost-driver', where);
    await runs('open-driver', where);
    await where.client.workflow.getHandle(lost.workflowId).terminate();

    const young = await release(where, '--grace-seconds', '600');
    expect(young).toMatchObject({ code: 0, stdout: 'No drivers to release.\n' });
    const dry = await release(where, '--dry-run');
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.stdout).toMatch(/lost-driver +would be released +its workflow .* is TERMINATED/);
    expect(dry.stdout).not.toContain('open-driver');
    expect(await finalizersOf('lost-driver', where)).toEqual([DRIVER_FINALIZER]);

    const orphans = await release(where, '-o', 'json');
    expect(JSON.parse(orphans.stdout)).toMatchObject([{ namespace: where.namespace, pod: 'lost-driver' }]);
    expect(await finalizersOf('lost-driver', where)).toBeUndefined();
    expect(await finalizersOf('open-driver', where)).toEqual([DRIVER_FINALIZER]);

    const unconfirmed = await release(where, '--all');
    expect(unconfirmed).toMatchObject({ code: 2, stdout: '' });
    expect(unconfirmed.stderr).toContain('--yes');
    expect((await release(where, '--all', '--dry-run')).stdout).toContain('open-driver  would be released');
    expect(await finalizersOf('open-driver', where)).toEqual([DRIVER_FINALIZER]);
    const nowhere = ['--address', '127.0.0.1:1', '--client-connect-timeout', '200ms'];
    const all = await release(where, '--all', '--yes', ...nowhere);
    expect(all).toMatchObject({ code: 0 });
    expect(all.stdout).toContain('open-driver  released');
    expect(await finalizersOf('open-driver', where)).toBeUndefined();
    await open.kill();
    await failureOf(open.result());
  });

  it('exits with 3 where Temporal or Kubernetes is unreachable, and with 2 for an unknown context', async () => {
    const nowhere = ['--address', '127.0.0.1:1', '--client-connect-timeout', '200ms'];
    expect(await release(env, ...nowhere)).toMatchObject({ code: 3 });
    const { code, stderr } = await release(env, '--kube-context', 'no-such-context');
    expect(code).toBe(2);
    expect(stderr).toContain('no-such-context');
  });
});
