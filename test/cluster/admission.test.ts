import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import type { SparkApplicationHandle } from '../../src/index.ts';
import type { SparkPluginOptions } from '../../src/worker.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { Label } from '../../src/spark/metadata.ts';
import { quantity } from '../../src/validation/quantity.ts';
import { createNamespace } from '../support/lab-fixture.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const cluster = useCluster('admission');
const { pi } = cluster;
const cli = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Queues are called as pools are, and all test files share a Temporal namespace. */
function placementOf(pool: string, admission: object): NonNullable<SparkPluginOptions['placement']> {
  return { pools: { [pool]: { admission } }, profiles: { default: { driver: pool, executor: pool } } };
}

async function state(name: string) {
  return (await cluster.env.spark.describe({ namespace: cluster.env.namespace, name })).status;
}

async function inState(name: string, wanted: string) {
  return eventually(`${name} to be ${wanted}`, async () => {
    const status = await state(name);
    return status?.state === wanted && status;
  });
}

const namesIn = async (queue: string) =>
  (await cluster.env.spark.queues.describe(queue))?.admitted.map(({ workflowId }) => workflowId.split('/')[2]) ?? [];

describe('a pool that takes a limited number of applications', () => {
  it('never exceeds its limit, alternates between namespaces, and loses no application when its worker is killed', async () => {
    const { env } = cluster;
    const limit = 6;
    const file = join(mkdtempSync(join(tmpdir(), 'temporal-spark-admission-')), 'placement.json');
    writeFileSync(file, JSON.stringify(placementOf('storm', { maxApplications: limit })));
    const options = { ...env, env: { TEMPORAL_SPARK_PLACEMENT_FILE: file } };
    const other = await createNamespace({ prefix: 'admission' });
    const applications: SparkApplicationHandle[] = [];
    const watches = [env.namespace, other].map((namespace) =>
      env.kubernetes.watch(Resources.pods, namespace, `${Label.SubmissionId},spark-role=driver`),
    );
    let mostDrivers = 0;
    const isThere = ({ status }: Pod) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
    for (const watch of watches) {
      watch.subscribe(() => {
        mostDrivers = Math.max(mostDrivers, watches.flatMap((each) => each.list().filter(isThere)).length);
      });
    }
    const start = async (namespace: string, count: number) => {
      const annotations = { 'lab.temporal-spark/run-seconds': '2' };
      const names = Array.from({ length: count }, (_, index) => `storm-${index + 1}`);
      const started = names.map((name) => env.spark.start(sparkPi({ name, namespace, annotations })));
      applications.push(...(await Promise.all(started)));
    };
    let worker = await startWorkerProcess(options);
    try {
      await start(env.namespace, 40);
      await eventually('the queue to fill', async () => (await namesIn('storm')).length === limit);
      await worker.end('SIGKILL');
      // Without a worker no application is admitted, however long this takes.
      await start(other, 10);
      worker = await startWorkerProcess(options);
      const results = await Promise.all(applications.map((application) => application.result()));
      expect(results.map(({ state }) => state)).toEqual(results.map(() => 'COMPLETED'));

      const spans = results.map(({ namespace, submittedAt, finishedAt }) => ({
        namespace,
        from: Date.parse(submittedAt!),
        to: Date.parse(finishedAt),
      }));
      const atOnce = spans.map(({ from }) => spans.filter((each) => each.from <= from && from < each.to).length);
      expect(Math.max(...atOnce)).toBeLessThanOrEqual(limit);
      expect(mostDrivers).toBeLessThanOrEqual(limit);
      expect(mostDrivers).toBeGreaterThan(1);
      // The small namespace came last, and is through long before the large one.
      const lastOf = (namespace: string) =>
        Math.max(...spans.filter((each) => each.namespace === namespace).map(({ from }) => from));
      const after = spans.filter((each) => each.namespace === env.namespace && each.from > lastOf(other));
      expect(after.length).toBeGreaterThanOrEqual(10);
    } finally {
      await worker.end('SIGKILL');
      for (const watch of watches) watch.release();
    }
    await eventually('the queue to end', async () => (await env.spark.queues.describe('storm')) === undefined);
  });

  it('reports the place of each waiting application, admits the next when one ends, and drops withdrawn requests', async () => {
    const { env } = cluster;
    const placement = placementOf('turns', { maxApplications: 1 });
    await withWorker(
      env,
      async () => {
        const first = await env.spark.start(pi('first', RUN_FOREVER));
        await inState('first', 'RUNNING');
        for (const name of ['second', 'third', 'fourth', 'fifth']) {
          await env.spark.start(pi(name, RUN_FOREVER));
          await eventually(`${name} to hold a place`, async () => (await state(name))?.queue?.place !== undefined);
        }
        expect((await state('fourth'))!.queue).toMatchObject({ name: 'turns', place: 3, waiting: 4 });
        const { stdout } = await execa(process.execPath, [cli, 'queue', 'turns'], {
          env: { TEMPORAL_ADDRESS: env.temporalAddress },
        });
        expect(stdout).toContain('Queue turns: 1 admitted, 4 waiting; limits: 1 applications');
        expect(stdout).toMatch(new RegExp(`3 {2}spark/${env.namespace}/fourth`));

        const handle = (name: string) => ({ namespace: env.namespace, name });
        await env.spark.kill(handle('second'));
        await env.spark.suspend(handle('third'));
        await inState('third', 'SUSPENDED');
        await eventually('those two to be gone', async () => {
          const { place, waiting } = (await state('fourth'))!.queue ?? {};
          return place === 1 && waiting === 2;
        });
        await first.kill();
        await inState('fourth', 'RUNNING');
        expect((await failureOf(env.spark.result(handle('second')))).result).toMatchObject({ state: 'CANCELLED' });
        expect(cluster.drivers.attemptsOf('second')).toHaveLength(0);

        await env.spark.resume(handle('third'));
        await inState('third', 'QUEUED');
        for (const name of ['third', 'fourth', 'fifth']) await env.spark.kill(handle(name));
        await eventually('the queue to be empty', async () => (await env.spark.queues.describe('turns')) === undefined);
      },
      { placement },
    );
  });

  it('takes back the place of a workflow that was terminated', async () => {
    const { env } = cluster;
    const placement = placementOf('leaks', { maxApplications: 1 });
    await withWorker(
      env,
      async () => {
        const doomed = await env.spark.start(pi('doomed', RUN_FOREVER));
        await inState('doomed', 'RUNNING');
        const heir = await env.spark.start(pi('heir'));
        await inState('heir', 'QUEUED');
        await env.client.workflow.getHandle(doomed.workflowId).terminate('by a test');
        // The same application again, which needs no place: it is not the one that was admitted.
        const successor = pi('doomed', RUN_FOREVER);
        successor.spec.suspend = true;
        const again = await env.spark.start(successor);
        expect((await heir.result()).state).toBe('COMPLETED');
        await again.kill();
      },
      { placement },
    );
  });

  it('admits the higher priority class first', async () => {
    const { env } = cluster;
    const priority = `urgent-${env.namespace}`;
    const metadata = { name: priority };
    const scheduling = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' };
    await env.kubernetes.create(Resources.priorityClasses, { ...scheduling, metadata, value: 1000 });
    const placement = placementOf('ranks', { maxApplications: 1 });
    await withWorker(
      env,
      async () => {
        const holder = await env.spark.start(pi('holder', RUN_FOREVER));
        await inState('holder', 'RUNNING');
        const low = await env.spark.start(pi('low'));
        await inState('low', 'QUEUED');
        const manifest = pi('urgent');
        manifest.spec.driver.priorityClassName = priority;
        const urgent = await env.spark.start(manifest);
        // An application is QUEUED before its queue has heard of it.
        const waiting = await eventually('both to wait', async () => {
          const queue = await env.spark.queues.describe('ranks');
          return queue?.waiting.length === 2 && queue.waiting;
        });
        expect(waiting).toMatchObject([{ priority: 1000 }, { priority: 0 }]);
        await holder.kill();
        const [first, second] = await Promise.all([urgent.result(), low.result()]);
        expect(Date.parse(first.finishedAt)).toBeLessThanOrEqual(Date.parse(second.submittedAt!));
      },
      { placement },
    );
  });

  it('keeps the share of the pool that drivers may have', async () => {
    const { env } = cluster;
    let cpu = 0;
    for await (const page of env.kubernetes.list(Resources.nodes, undefined)) {
      for (const { status } of page) cpu += quantity(status!.allocatable!['cpu']);
    }
    // A driver requests 0.2 CPUs: there is room for two of them.
    const placement = placementOf('shares', { driverShare: 0.5 / cpu });
    await withWorker(
      env,
      async () => {
        const names = ['share-1', 'share-2', 'share-3'];
        const applications = [];
        for (const name of names) applications.push(await env.spark.start(pi(name, RUN_FOREVER)));
        const { limits } = await eventually('two to be in and one to wait', async () => {
          const queue = await env.spark.queues.describe('shares');
          return queue?.waiting.length === 1 && queue;
        });
        expect(limits.drivers!.cpu).toBeCloseTo(0.5);
        expect(await namesIn('shares')).toHaveLength(2);
        for (const application of applications) await application.kill();
        for (const application of applications) await failureOf(application.result());
      },
      { placement },
    );
  });
});
