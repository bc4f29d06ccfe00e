import { afterAll, describe, expect, it } from 'vitest';
import { privateLab } from '../support/lab-fixture.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { connectEnvironment } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { scheduledApplication, scheduledPipeline } from '../support/schedules.ts';

const cluster = useCluster('schedules', { worker: {} });

afterAll(async () => {
  const { schedule } = cluster.env.client;
  for await (const { scheduleId } of schedule.list()) {
    if (scheduleId.includes(cluster.env.namespace)) await schedule.getHandle(scheduleId).delete();
  }
});

const scheduled = (name: string, spec: Record<string, unknown>) =>
  scheduledApplication(name, cluster.env.namespace, spec);

async function runsOf(prefix: string): Promise<{ workflowId: string; status: string }[]> {
  const runs = [];
  for await (const { workflowId, status } of cluster.env.client.workflow.list({
    query: `WorkflowId STARTS_WITH "${prefix}-"`,
  })) {
    runs.push({ workflowId, status: status.name });
  }
  return runs.sort((a, b) => a.workflowId.localeCompare(b.workflowId));
}

describe('a schedule of an application', () => {
  it('is backfilled over a range: each run has its name and its time', async () => {
    const { schedules } = cluster.env.spark;
    const id = `spark/${cluster.env.namespace}/daily`;
    const spec = { timeZone: 'Europe/Zurich', concurrencyPolicy: 'Forbid', failedRunHistoryLimit: 3 };
    await schedules.apply(scheduled('daily', spec));
    await schedules.backfill(id, { from: new Date('2026-08-01T01:00:00Z'), to: new Date('2026-08-03T01:00:00Z') });
    const runs = await eventually('three runs', async () => {
      const all = await runsOf(id);
      return all.length === 3 && all.every(({ status }) => status === 'COMPLETED') && all;
    });
    expect(runs.map(({ workflowId }) => workflowId)).toEqual(
      ['01', '02', '03'].map((day) => `${id}-2026-08-${day}T01:00:00Z`),
    );
    const names = ['01', '02', '03'].map((day) => `daily-${Date.parse(`2026-08-${day}T01:00:00Z`) / 1000}`);
    expect(names.map((name) => cluster.drivers.attemptsOf(name).length)).toEqual([1, 1, 1]);
    const pod = await cluster.driverOf(names[0]!);
    expect(pod!.spec!.containers[0]!.args).toEqual(expect.arrayContaining(['2026-08-01T01:00:00Z', '2026-08-01']));
    expect(pod!.metadata!.labels).toMatchObject({ 'sparkoperator.k8s.io/scheduled-app-name': 'daily' });
    expect(pod!.metadata!.annotations).toMatchObject({
      'temporal-spark/successful-run-history-limit': '1',
      'temporal-spark/failed-run-history-limit': '3',
    });
  });

  it('fires by itself, and Forbid leaves out what overlaps', async () => {
    const { schedules } = cluster.env.spark;
    const id = `spark/${cluster.env.namespace}/often`;
    const template = sparkPi({ annotations: RUN_FOREVER }).spec;
    await schedules.apply(scheduled('often', { schedule: '@every 1s', concurrencyPolicy: 'Forbid', template }));
    const status = await eventually('runs to be left out', async () => {
      const now = await schedules.describe(id);
      return now.skipped >= 2 && now;
    });
    await schedules.pause(id);
    expect(status.recentRuns).toHaveLength(1);
    const [run] = await eventually('the run in the list', async () => {
      const runs = await runsOf(id);
      return runs.length > 0 && runs;
    });
    await schedules.delete(id);
    await expect(schedules.describe(id)).rejects.toThrow();
    await cluster.env.client.workflow.getHandle(run!.workflowId).cancel();
    await expect(cluster.env.client.workflow.getHandle(run!.workflowId).result()).rejects.toThrow();
  });
});

describe('a schedule after its server was down', () => {
  it('runs what it missed', async () => {
    const lab = await privateLab({ persistTemporal: true });
    const own = await connectEnvironment({
      kubeconfig: lab.kubeconfig,
      temporalAddress: lab.temporal!.address,
      namespace: 'default',
    });
    try {
      const manifest = scheduledPipeline('missed', own.namespace, {
        schedule: '@every 2s',
        overlap: 'AllowAll',
        catchUpSeconds: 600,
      });
      const { scheduleId } = await own.spark.schedules.apply(manifest);
      await eventually(
        'the first run',
        async () => (await own.spark.schedules.describe(scheduleId)).recentRuns.length > 0,
      );
      await lab.components['temporal']!.kill('SIGKILL');
      const downAt = Date.now();
      await eventually('some runs to be missed', () => Date.now() - downAt > 7_000);
      await lab.components['temporal']!.start();
      const upAt = Date.now();
      const times = await eventually('the missed runs', async () => {
        const { recentRuns, missed } = await own.spark.schedules.describe(scheduleId);
        const due = recentRuns.map(({ dueAt }) => Date.parse(dueAt));
        return Math.max(...due) > upAt && missed === 0 && due;
      });
      const whileDown = times.filter((time) => time > downAt && time < upAt);
      expect(whileDown.length).toBeGreaterThanOrEqual(3);
    } finally {
      await own.close();
    }
  });
});
