import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { freePorts } from '../../lab/ports.ts';
import { sweepSparkDrivers } from '../../src/activities/housekeeping/sweep-spark-drivers.ts';
import { Clusters, type ClustersConfiguration } from '../../src/clusters/index.ts';
import { connectKubernetes, Resources, type KubernetesClient } from '../../src/kubernetes/index.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { NativeSubmitter, type SparkApplicationSubmitter } from '../../src/submitters/index.ts';
import { DEFAULT_TIMINGS } from '../../src/timings/index.ts';
import { cli } from '../support/cli.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { DriverRecorder, withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import type { SweepReport } from '../../src/protocol/index.ts';
import { RUN_FOREVER } from '../support/manifests.ts';
import { furnishNamespace } from '../support/namespace.ts';

/** East is the shared lab; west is a cluster of its own, which dies and comes back. */
const cluster = useCluster('clusters');
const { pi } = cluster;
let west: Lab;
let western: KubernetesClient;
let drivers: DriverRecorder;

beforeAll(async () => {
  west = await startLab({ mode: 'simulated', temporal: false });
  await furnishNamespace(west.kubeconfig, cluster.env.namespace);
  // Soon sure of what does not answer.
  western = await connectKubernetes({
    kubeconfig: west.kubeconfig,
    retry: { giveUpAfterMs: 1_000 },
    silenceMs: 2_000,
    watch: { backoff: { initialDelayMs: 100, maxDelayMs: 1_000 } },
  });
});

beforeEach(async () => {
  drivers = new DriverRecorder(western, cluster.env.namespace);
  await drivers.ready;
});

afterEach(() => drivers.stop());

afterAll(async () => {
  western?.close();
  await west?.stop();
});

/** Prefers the west, and uses the east only where the west is unreachable. */
const westward: ClustersConfiguration = {
  clusters: [
    { name: 'west', weight: 1_000_000 },
    { name: 'east', weight: 1e-6 },
  ],
};

function clusters(configuration = westward): Clusters {
  const health = { cacheForMs: 100, timeoutMs: 500, avoidForMs: 1_000 };
  return new Clusters(configuration, { west: western, east: cluster.env.kubernetes }, health);
}

const apiServer = () => west.components['kube-apiserver']!;

/**
 * Restarts the scheduler and the nodes, too: after some deaths of the API server they wait for up to a minute before they ask
 * it again.
 */
async function theWestReturns(): Promise<void> {
  await apiServer().start();
  for (const name of ['kube-scheduler', 'kwok']) {
    await west.components[name]!.kill();
    await west.components[name]!.start();
  }
}

/** As if the whole cluster could not be reached, for as long as the body takes. */
async function withoutTheWest<T>(body: () => Promise<T>): Promise<T> {
  await apiServer().kill('SIGKILL');
  try {
    return await body();
  } finally {
    await theWestReturns();
  }
}

function pinned(manifest: SparkApplicationManifest, name: string): SparkApplicationManifest {
  return { ...manifest, metadata: { ...manifest.metadata, annotations: { 'temporal-spark/cluster': name } } };
}

const handle = (name: string) => ({ namespace: cluster.env.namespace, name });
const status = async (name: string) => (await cluster.env.spark.describe(handle(name))).status!;
const inState = (name: string, state: string) =>
  eventually(`${name} to be ${state}`, async () => {
    const seen = await status(name);
    if (seen.state !== state) throw new Error(`It is ${JSON.stringify(seen)}`);
    return true;
  });
const westernDriver = (name: string) => western.get(Resources.pods, cluster.env.namespace, `${name}-driver`);

describe('several clusters', () => {
  it('share the applications, and each is watched on its own cluster', async () => {
    const { env } = cluster;
    await withWorker(
      env,
      async () => {
        const names = Array.from({ length: 16 }, (_, index) => `shared-${index}`);
        const running = await Promise.all(names.map((name) => env.spark.start(pi(name))));
        const results = await Promise.all(running.map((application) => application.result()));
        expect(new Set(results.map((result) => result.cluster))).toEqual(new Set(['west', 'east']));
        for (const { name, cluster: on, state } of results) {
          expect(state).toBe('COMPLETED');
          expect(drivers.attemptsOf(name)).toHaveLength(on === 'west' ? 1 : 0);
          expect(cluster.drivers.attemptsOf(name)).toHaveLength(on === 'east' ? 1 : 0);
        }
        // The finalizer is off on either.
        const driver = await westernDriver(results.find((result) => result.cluster === 'west')!.name);
        expect(driver!.metadata!.finalizers).toBeUndefined();

        const killed = await env.spark.start(pinned(pi('killed', RUN_FOREVER), 'west'));
        await inState('killed', 'RUNNING');
        expect(await status('killed')).toMatchObject({ cluster: 'west' });
        await killed.kill();
        await eventually('its driver to go', async () => (await westernDriver('killed')) === undefined);
      },
      { clusters: clusters({ clusters: [{ name: 'west' }, { name: 'east' }] }) },
    );
  });

  it('are chosen by where the fewest drivers wait', async () => {
    const { env } = cluster;
    const choose = 'least-pending';
    await withWorker(
      env,
      async () => {
        const nowhere = pi('waits-nowhere');
        nowhere.spec.driver.nodeSelector = { 'no-node-has': 'this' };
        const waiting = await env.spark.start(pinned(nowhere, 'east'));
        await inState('waits-nowhere', 'SUBMITTED');
        for (const name of ['goes-west-1', 'goes-west-2', 'goes-west-3']) {
          expect((await (await env.spark.start(pi(name))).result()).cluster).toBe('west');
        }
        await waiting.kill();
        await waiting.result().catch(() => undefined);
      },
      { clusters: clusters({ clusters: [{ name: 'west' }, { name: 'east' }], choose }) },
    );
  });

  it('have the choice in history before anything is created', async () => {
    const { env } = cluster;
    const timings = DEFAULT_TIMINGS;
    const ordered = async () => (await env.spark.start(pi('ordered'))).result();
    await withWorker({ ...env, timings }, ordered, { clusters: clusters() });
    const { events } = await env.client.workflow.getHandle(`spark/${env.namespace}/ordered`).fetchHistory();
    const types = events!.map((event) => {
      const scheduled = event.activityTaskScheduledEventAttributes;
      const completed = event.activityTaskCompletedEventAttributes;
      const payload = (scheduled?.input ?? completed?.result)?.payloads?.[0];
      const text = payload?.data == null ? '' : Buffer.from(payload.data).toString();
      if (scheduled) return `${scheduled.activityType!.name}${text.includes('"cluster":"west"') ? ' on west' : ''}`;
      return completed && text.startsWith('{"cluster"') ? text : '';
    });
    // A driver that ends before it was seen to run is waited for once, not twice.
    expect([...new Set(types)].filter((type) => type !== '')).toEqual([
      'submitSparkApplication',
      '{"cluster":"west"}',
      'submitSparkApplication on west',
      'waitForSparkDriver on west',
      'finalizeSparkApplication on west',
    ]);
  });
});

describe('a cluster that dies', () => {
  it('before anything was created there is replaced by another', async () => {
    const { env } = cluster;
    // The choice does not know it yet: the cluster dies in between.
    const unaware = new Clusters(
      westward,
      { west: western, east: env.kubernetes },
      { cacheForMs: 600_000, avoidForMs: 600_000 },
    );
    await withWorker(
      env,
      async () => {
        expect((await (await env.spark.start(pi('before'))).result()).cluster).toBe('west');
        const result = await withoutTheWest(async () => (await env.spark.start(pi('left'))).result());
        expect(result).toMatchObject({ state: 'COMPLETED', cluster: 'east', attempts: 1 });
        expect(cluster.drivers.attemptsOf('left')).toHaveLength(1);
      },
      { clusters: unaware },
    );
    expect(await westernDriver('left')).toBeUndefined();
  });

  it('is waited for by an application that is pinned to it', async () => {
    const { env } = cluster;
    await withWorker(
      env,
      async () => {
        const application = await withoutTheWest(async () => {
          const started = await env.spark.start(pinned(pi('insists'), 'west'));
          await eventually('a try to fail', async () => {
            const { pendingActivities } = (await env.client.workflow.getHandle(started.workflowId).describe()).raw;
            return (pendingActivities?.[0]?.attempt ?? 0) > 1;
          });
          return started;
        });
        expect(await application.result()).toMatchObject({ state: 'COMPLETED', cluster: 'west' });
        expect(drivers.attemptsOf('insists')).toHaveLength(1);
        expect(cluster.drivers.attemptsOf('insists')).toHaveLength(0);
      },
      { clusters: clusters() },
    );
  });

  it('in the middle of a submission is waited for: no second driver is created', async () => {
    const { env } = cluster;
    const native = new NativeSubmitter();
    let deaths = 0;
    /** The cluster dies right after the driver was created, before the answer arrives. */
    const fatal: SparkApplicationSubmitter = {
      name: 'fatal',
      async submit(request, context) {
        const created = await native.submit(request, context);
        if (deaths === 0) {
          deaths += 1;
          await apiServer().kill('SIGKILL');
          await context.kubernetes.version({ signal: context.signal });
        }
        return created;
      },
    };
    await withWorker(
      env,
      async () => {
        const application = await env.spark.start(pi('halfway', RUN_FOREVER));
        await eventually('a second try', async () => {
          const { pendingActivities } = (await env.client.workflow.getHandle(application.workflowId).describe()).raw;
          return deaths === 1 && (pendingActivities?.[0]?.attempt ?? 0) > 1;
        });
        await theWestReturns();
        await inState('halfway', 'RUNNING');
        expect(await status('halfway')).toMatchObject({ cluster: 'west' });
        expect(cluster.drivers.attemptsOf('halfway')).toHaveLength(0);
        expect(new Set(drivers.attemptsOf('halfway')).size).toBe(1);
        await application.kill();
        await application.result().catch(() => undefined);
      },
      { clusters: clusters(), submitter: fatal },
    );
  });

  it('does not block the housekeeping of the others, and is reported', async () => {
    const { env } = cluster;
    await withWorker(
      env,
      async () => {
        const started = await env.spark.start(pinned(pi('orphan', RUN_FOREVER), 'east'));
        await inState('orphan', 'RUNNING');
        await env.client.workflow.getHandle(started.workflowId).terminate();
      },
      { clusters: clusters() },
    );
    const both = { names: ['west', 'east'], client: async (name?: string) => clusters().client(name) };
    const input = { namespace: env.namespace, graceMs: 0 };
    const environment = () =>
      new MockActivityEnvironment({}, { client: env.client, logger: new DefaultLogger('ERROR', () => undefined) });
    const sweep = async () => {
      const report: SweepReport = await environment().run(() => sweepSparkDrivers(both, input));
      return report;
    };
    const reports = await withoutTheWest(async () => {
      const found: SweepReport[] = [];
      await eventually('the release of the orphan', async () => {
        const report = await sweep();
        found.push(report);
        if (report.released === 0) throw new Error(JSON.stringify(found));
        return true;
      });
      return found;
    });
    expect(reports.at(-1)!.problems).toEqual([expect.stringContaining(`Cluster west, namespace ${env.namespace}: `)]);
    expect((await sweep()).problems).toEqual([]);
  });

  it('while a driver runs does not block the others, and the driver is found again', async () => {
    const { env } = cluster;
    await withWorker(
      env,
      async () => {
        const lasting = await env.spark.start(pinned(pi('lasting', { 'lab.temporal-spark/run-seconds': '8' }), 'west'));
        await inState('lasting', 'RUNNING');
        const elsewhere = await withoutTheWest(async () => (await env.spark.start(pi('meanwhile'))).result());
        expect(elsewhere).toMatchObject({ state: 'COMPLETED', cluster: 'east' });
        expect(await lasting.result()).toMatchObject({ state: 'COMPLETED', cluster: 'west', attempts: 1 });
        expect(new Set(drivers.attemptsOf('lasting')).size).toBe(1);
        expect(cluster.drivers.attemptsOf('lasting')).toHaveLength(0);
      },
      { clusters: clusters() },
    );
  });
});

describe('all clusters of the file', () => {
  it('are read by the commands that ask Kubernetes directly; an unreachable one delays no other', async () => {
    const { env } = cluster;
    const names = ['west', 'east'] as const;
    await withWorker(
      env,
      async () => {
        for (const name of names) {
          const started = await env.spark.start(pinned(pi(`left-${name}`, RUN_FOREVER), name));
          await inState(`left-${name}`, 'RUNNING');
          await env.client.workflow.getHandle(started.workflowId).terminate();
        }
      },
      { clusters: clusters() },
    );
    const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-clusters-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const [port] = await freePorts(1);
    const written = await readFile(west.kubeconfig, 'utf8');
    const away = join(directory, 'away.kubeconfig');
    await writeFile(away, written.replace(/https:\/\/127\.0\.0\.1:\d+/, `https://127.0.0.1:${port}`));
    const file = join(directory, 'clusters.yaml');
    const kubeconfigs = { away, west: west.kubeconfig, east: env.kubeconfig };
    await writeFile(
      file,
      `clusters:\n${Object.entries(kubeconfigs)
        .map(([name, kubeconfig]) => `  - { name: ${name}, kubeconfig: ${kubeconfig} }\n`)
        .join('')}`,
    );
    const run = (...args: string[]) =>
      cli([...args, '--address', env.temporalAddress, '-n', env.namespace, '--output', 'json'], {
        env: { TEMPORAL_SPARK_CLUSTERS_FILE: file },
      });
    const released = async (...args: string[]) => {
      const { code, stdout, stderr } = await run('release', '--grace-seconds', '0', ...args);
      const drivers = JSON.parse(stdout) as { cluster: string; pod: string }[];
      return { code, stderr, drivers: drivers.filter(({ pod }) => pod.startsWith('left-')) };
    };
    expect(await released('--dry-run', '--cluster', 'west')).toMatchObject({
      code: 0,
      drivers: [{ cluster: 'west', pod: 'left-west-driver' }],
    });
    expect(await run('release', '--cluster', 'wst')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('known: away, west, east') as string,
    });
    expect(await released()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Cluster away was skipped: .*127\.0\.0\.1/) as string,
      drivers: names.map((name) => ({ cluster: name, pod: `left-${name}-driver` })),
    });
    const driver = await westernDriver('left-west');
    expect(driver!.metadata!.finalizers).toBeUndefined();
    expect((await cluster.driverOf('left-east'))!.metadata!.finalizers).toBeUndefined();

    const { stdout } = await run('doctor');
    const findings = JSON.parse(stdout) as { check: string; status: string }[];
    expect(findings).toContainEqual(expect.objectContaining({ check: 'away: Kubernetes', status: 'failed' }));
    for (const name of names) {
      const check = expect.stringMatching(`^${name}: Kubernetes \\(`) as string;
      expect(findings).toContainEqual(expect.objectContaining({ check, status: 'ok' }));
    }
  });
});
