import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { Resources, type CustomObject } from '../../src/kubernetes/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { stateOf, useOperator, useSchedules } from '../support/operator-fixture.ts';

// The rights of the chart are enough for all of it.
const values = { applications: { clusterWide: true }, operator: { enabled: true } };
const cluster = useCluster('scheduled', { rights: 'chart', values, worker: {} });
const operator = useOperator(cluster);
const { apply, edit, remove, until, runsOf } = useSchedules(cluster);

beforeAll(() => operator.start());
afterAll(async () => {
  const { schedule } = cluster.env.client;
  for await (const { scheduleId } of schedule.list()) {
    if (scheduleId.includes(cluster.env.namespace)) await schedule.getHandle(scheduleId).delete();
  }
});

/** Fires only where a test triggers it. */
const NEVER = '0 0 1 1 *';
const forever = sparkPi({ annotations: RUN_FOREVER }).spec;
const namesOf = (runs: readonly CustomObject[]) => runs.map(({ metadata }) => metadata!.name!);
const idOf = (name: string) => `spark/${cluster.env.namespace}/${name}`;
const describeSchedule = (name: string) => cluster.env.spark.schedules.describe(idOf(name));
const isListed = (name: string) => (status: Readonly<Record<string, unknown>>) =>
  JSON.stringify([status['pastSuccessfulRunNames'], status['pastFailedRunNames']]).includes(name);

/** Its runs, once there are so many. */
const runs = (name: string, count: number) =>
  eventually(`${count} runs of ${name}`, async () => {
    const found = await runsOf(name);
    return found.length >= count && found;
  });

describe('a ScheduledSparkApplication that is applied', () => {
  it('creates a SparkApplication for each time it is due, with its label, its labels and its owner', async () => {
    const { metadata } = await apply('daily', {
      schedule: NEVER,
      timeZone: 'Europe/Zurich',
      successfulRunHistoryLimit: 5,
    });
    const scheduled = await until('daily', ({ scheduleState }) => scheduleState === 'Scheduled');
    const { nextRuns } = await describeSchedule('daily');
    expect(scheduled).toEqual({
      ...{ lastRun: null, scheduleState: 'Scheduled' },
      nextRun: nextRuns[0]!.replace('.000', ''),
    });
    // New Year in Zurich.
    expect(nextRuns[0]).toMatch(/-12-31T23:00:00/);
    const range = { from: new Date('2025-12-31T22:00:00Z'), to: new Date('2026-01-01T00:00:00Z') };
    await cluster.env.spark.schedules.backfill(idOf('daily'), range);
    const [run] = await runs('daily', 1);
    const name = `daily-${Date.parse('2025-12-31T23:00:00Z') / 1000}`;
    const { name: owner, uid } = metadata!;
    expect(run!.metadata).toMatchObject({
      name,
      labels: { 'sparkoperator.k8s.io/scheduled-app-name': 'daily' },
      ownerReferences: [{ kind: 'ScheduledSparkApplication', name: owner, uid }],
    });
    expect(run!.spec).toMatchObject({ arguments: ['2025-12-31T23:00:00Z', '2026-01-01'] });
    await operator.inState(name, 'COMPLETED');
    const { creationTimestamp: lastRun } = run!.metadata!;
    expect(await until('daily', isListed(name))).toMatchObject({
      ...{ lastRun, lastRunName: name, pastSuccessfulRunNames: [name], scheduleState: 'Scheduled' },
    });
  });

  it('runs once for each time, however many replicas serve it', async () => {
    const replicas = await Promise.all([operator.start(), operator.start()]);
    await apply('often', { schedule: NEVER, successfulRunHistoryLimit: 100 });
    await until('often', ({ scheduleState }) => scheduleState === 'Scheduled');
    await cluster.env.spark.schedules.backfill(idOf('often'), { from: '2023-12-31', to: '2026-12-31' });
    const due = ['2024', '2025', '2026'].map((year) => `often-${Date.parse(`${year}-01-01T00:00:00Z`) / 1000}`);
    for (const name of due) await eventually(name, () => operator.get(name));
    for (const name of due) await operator.inState(name, 'COMPLETED');
    expect(namesOf(await runsOf('often'))).toEqual(due);
    for (const name of due) expect(cluster.drivers.attemptsOf(name)).toHaveLength(1);
    expect(await until('often', isListed(due[2]!))).toMatchObject({
      pastSuccessfulRunNames: expect.arrayContaining(due) as string[],
    });
    await Promise.all(replicas.map((replica) => replica.stop()));
  });

  it('that is invalid is not scheduled and reports why, and is once it is corrected', async () => {
    await apply('wrong', { schedule: '61 * * * *' });
    const status = await until('wrong', ({ scheduleState }) => scheduleState === 'FailedValidation');
    expect(status).toMatchObject({ reason: expect.stringContaining('spec.schedule') as string, nextRun: null });
    await expect(describeSchedule('wrong')).rejects.toThrow();
    await edit('wrong', { schedule: NEVER });
    expect(await until('wrong', ({ scheduleState }) => scheduleState === 'Scheduled')).not.toHaveProperty('reason');
    await edit('wrong', { schedule: 'sometimes' });
    await until('wrong', ({ scheduleState }) => scheduleState === 'FailedValidation');
    expect(await describeSchedule('wrong')).toMatchObject({ paused: true });
    await edit('wrong', { schedule: NEVER });
    await until('wrong', ({ scheduleState }) => scheduleState === 'Scheduled');
    expect(await describeSchedule('wrong')).toMatchObject({ paused: false });
  });
});

describe('the history of a ScheduledSparkApplication', () => {
  it('has the latest runs within the limits; previous ones are deleted with their drivers', async () => {
    await apply('history', { schedule: NEVER, concurrencyPolicy: 'Forbid', successfulRunHistoryLimit: 2 });
    await until('history', ({ scheduleState }) => scheduleState === 'Scheduled');
    await cluster.env.spark.schedules.backfill(idOf('history'), { from: '2023-12-31', to: '2026-12-31' });
    const due = ['2024', '2025', '2026'].map((year) => `history-${Date.parse(`${year}-01-01T00:00:00Z`) / 1000}`);
    await operator.inState(due[2]!, 'COMPLETED');
    await eventually('the first run to be deleted', async () => !namesOf(await runsOf('history')).includes(due[0]!));
    await eventually('its driver to go', async () => (await cluster.driverOf(due[0]!)) === undefined);
    expect(namesOf(await runsOf('history'))).toEqual(due.slice(1));
    await until('history', (status) => isListed(due[1]!)(status) && isListed(due[2]!)(status));
  });
});

describe('what is due while a run is under way', () => {
  /** The first run of a schedule whose runs do not end. */
  async function firstOf(name: string, concurrencyPolicy: string): Promise<string> {
    await apply(name, { schedule: '@every 3s', template: forever, concurrencyPolicy });
    const [first] = namesOf(await runs(name, 1));
    return first!;
  }

  it('is left out with Forbid', async () => {
    const first = await firstOf('forbid', 'Forbid');
    await eventually('runs to be left out', async () => (await describeSchedule('forbid')).skipped >= 2);
    expect(namesOf(await runsOf('forbid'))).toEqual([first]);
    await remove('forbid');
  });

  it('takes its place with Replace', async () => {
    const first = await firstOf('replace', 'Replace');
    await eventually('another run in its place', async () => {
      const names = namesOf(await runsOf('replace'));
      return names.length > 0 && !names.includes(first);
    });
    await eventually('the first driver to go', async () => (await cluster.driverOf(first)) === undefined);
    await remove('replace');
  });

  it('runs, too, with Allow', async () => {
    const first = await firstOf('allow', 'Allow');
    const names = namesOf(await runs('allow', 2));
    expect(names).toContain(first);
    for (const name of names.slice(0, 2)) await operator.inState(name, 'RUNNING');
    await remove('allow');
  });
});

describe('an edit of a ScheduledSparkApplication', () => {
  it('of the time and of the template takes effect', async () => {
    await apply('edited', { schedule: NEVER });
    await until('edited', ({ scheduleState }) => scheduleState === 'Scheduled');
    await edit('edited', { schedule: '@every 1s', template: { arguments: ['7'] } });
    const [run] = await runs('edited', 1);
    await edit('edited', { suspend: true });
    expect(run!.spec).toMatchObject({ arguments: ['7'] });
    await until('edited', ({ nextRun }) => nextRun === null);
    expect(await describeSchedule('edited')).toMatchObject({ paused: true, note: 'spec.suspend' });
    await remove('edited');
  });
});

describe('a deleted ScheduledSparkApplication', () => {
  const isGone = async (name: string) => {
    const { kubernetes, namespace } = cluster.env;
    const found = await kubernetes.get(Resources.scheduledSparkApplications, namespace, name);
    return (
      found === undefined &&
      (await describeSchedule(name).then(
        () => false,
        () => true,
      ))
    );
  };

  it.each(['Background', 'Foreground'] as const)('has its runs deleted, and their drivers: %s', async (policy) => {
    const name = `deleted-${policy.toLowerCase()}`;
    await apply(name, { schedule: NEVER, template: forever });
    await until(name, ({ scheduleState }) => scheduleState === 'Scheduled');
    await cluster.env.spark.schedules.trigger(idOf(name));
    const [run] = namesOf(await runs(name, 1));
    await cluster.runningDriver(run!);
    await remove(name, policy);
    await eventually('the schedule to go', () => isGone(name));
    await eventually('its runs to go', async () => (await runsOf(name)).length === 0);
    await eventually('the driver to go', async () => (await cluster.driverOf(run!)) === undefined);
  });

  it('leaves its runs with --cascade=orphan', async () => {
    await apply('orphaned', { schedule: NEVER, template: forever });
    await until('orphaned', ({ scheduleState }) => scheduleState === 'Scheduled');
    await cluster.env.spark.schedules.trigger(idOf('orphaned'));
    const [run] = namesOf(await runs('orphaned', 1));
    await operator.inState(run!, 'RUNNING');
    await remove('orphaned', 'Orphan');
    await eventually('the schedule to go', () => isGone('orphaned'));
    expect(stateOf(await operator.get(run!))).toBe('RUNNING');
    await operator.remove(run!);
  });
});

describe('a name that another schedule has', () => {
  it('waits until that is deleted', async () => {
    const { schedules } = cluster.env.spark;
    const { namespace } = cluster.env;
    const template = sparkPi().spec;
    const manifest = { metadata: { name: 'taken', namespace }, spec: { schedule: NEVER, template } };
    await schedules.apply({
      ...{ apiVersion: 'sparkoperator.k8s.io/v1beta2', kind: 'ScheduledSparkApplication' },
      ...manifest,
    });
    await apply('taken', { schedule: '0 1 1 1 *' });
    await eventually('an Event', () => eventAbout('taken', 'NameInUse'));
    expect((await describeSchedule('taken')).workflowType).toBe('scheduledSparkApplication');
    await schedules.delete(idOf('taken'));
    await until('taken', ({ scheduleState }) => scheduleState === 'Scheduled');
  });
});

async function eventAbout(name: string, reason: string): Promise<true | undefined> {
  const fieldSelector = `involvedObject.name=${name},reason=${reason}`;
  for await (const page of cluster.env.kubernetes.list(Resources.events, cluster.env.namespace, { fieldSelector })) {
    if (page.length > 0) return true;
  }
  return undefined;
}
