import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { SparkPipelineResult } from '../../src/index.ts';
import type { ScheduledSparkPipeline } from '../../src/manifest/index.ts';
import { eventually } from '../../lab/eventually.ts';
import { cli } from '../support/cli.ts';
import { pipelineOf, step } from '../support/pipelines.ts';
import { scheduledApplication, scheduledPipeline } from '../support/schedules.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('schedules', { worker: {} });

afterAll(async () => {
  const { schedule } = temporal.env.client;
  for await (const { scheduleId } of schedule.list()) {
    if (scheduleId.includes(temporal.env.namespace)) await schedule.getHandle(scheduleId).delete();
  }
});

const scheduled = (name: string, spec: Record<string, unknown> = {}) =>
  scheduledApplication(name, temporal.env.namespace, spec);
const pipelineSchedule = (name: string, spec: Partial<ScheduledSparkPipeline['spec']> = {}) =>
  scheduledPipeline(name, temporal.env.namespace, spec);

describe('a schedule of an application', () => {
  it('is made by its manifest; the same again changes nothing, and a change does', async () => {
    const { schedules } = temporal.env.spark;
    const id = `spark/${temporal.env.namespace}/same`;
    expect(await schedules.apply(scheduled('same'))).toEqual({ scheduleId: id, outcome: 'created' });
    expect(await schedules.apply(scheduled('same'))).toEqual({ scheduleId: id, outcome: 'unchanged' });
    await schedules.pause(id, 'the warehouse is down');
    // Pausing and resuming reach the schedule a little later.
    const isPaused = async (): Promise<boolean> => (await schedules.describe(id)).paused;
    await eventually('it to be paused', isPaused);
    expect((await schedules.apply(scheduled('same', { concurrencyPolicy: 'Forbid' }))).outcome).toBe('updated');
    const changed = await schedules.describe(id);
    expect(changed).toMatchObject({
      paused: true,
      note: 'the warehouse is down',
      overlap: 'SKIP',
      catchUpSeconds: 3600,
    });
    await schedules.resume(id);
    await eventually('it to be active', async () => !(await isPaused()));
    expect((await schedules.apply(scheduled('same', { suspend: true }))).outcome).toBe('updated');
    expect(await schedules.describe(id)).toMatchObject({ paused: true, note: 'spec.suspend' });
    expect((await schedules.apply(scheduled('same'))).outcome).toBe('updated');
    expect((await schedules.describe(id)).paused).toBe(false);
  });

  it.each([
    ['0 3 * * *', 'Europe/Zurich', '0 3 * * *'],
    ['CRON_TZ=Europe/Zurich 30 2 13 * 5', undefined, '30 2 13 * 5'],
    ['@every 30m', undefined, '@every 30m'],
  ])('is described with the expression of its manifest: %s', async (schedule, timeZone, shown) => {
    const { spark, namespace } = temporal.env;
    const id = `spark/${namespace}/expression`;
    await spark.schedules.apply(scheduled('expression', { schedule, ...(timeZone === undefined ? {} : { timeZone }) }));
    expect(await spark.schedules.describe(id)).toMatchObject({
      schedule: shown,
      timeZone: schedule.startsWith('@') ? 'UTC' : 'Europe/Zurich',
      runs: 'application, Spark 4.1.4, image spark:4.1.4',
    });
    await spark.schedules.delete(id);
  });

  it('is due as in cron: on a day of the month or of the week, in its zone', async () => {
    const { schedules } = temporal.env.spark;
    await schedules.apply(scheduled('either', { schedule: '30 2 13 * 5', timeZone: 'Europe/Zurich' }));
    const { nextRuns } = await schedules.describe(`spark/${temporal.env.namespace}/either`);
    const days = nextRuns.map((time) => new Date(time));
    expect(days).toHaveLength(5);
    for (const day of days) {
      const local = new Date(day.toLocaleString('en-US', { timeZone: 'Europe/Zurich' }));
      expect([local.getHours(), local.getMinutes()]).toEqual([2, 30]);
      expect(local.getDate() === 13 || local.getDay() === 5).toBe(true);
    }
    // Nearly each week has a Friday: were both days meant, there would be months between.
    expect(days.at(-1)!.getTime() - days[0]!.getTime()).toBeLessThan(36 * 86_400_000);
  });

  const weekday = (time: Date) => ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][time.getUTCDay()]!;
  const at = (hours: readonly number[], minutes: readonly number[]) => (time: Date) =>
    hours.includes(time.getUTCHours()) && minutes.includes(time.getUTCMinutes());
  const three = at([3], [0]);
  it.each<[string, (time: Date) => boolean]>([
    ['*/20 8-9 * * MON-FRI', (time) => at([8, 9], [0, 20, 40])(time) && !/^s/.test(weekday(time))],
    ['15 10/6 * * *', at([10, 16, 22], [15])],
    ['0 3 1 JAN,jul *', (time) => three(time) && time.getUTCDate() === 1 && [0, 6].includes(time.getUTCMonth())],
    ['0 3 13 * FRI', (time) => three(time) && (time.getUTCDate() === 13 || weekday(time) === 'fri')],
    ['0 3 */10 * mon', (time) => three(time) && (time.getUTCDate() % 10 === 1 || weekday(time) === 'mon')],
    ['0 3 * * 0', (time) => three(time) && weekday(time) === 'sun'],
    ['@monthly', (time) => at([0], [0])(time) && time.getUTCDate() === 1],
    ['@every 90m', (time) => time.getTime() % (90 * 60_000) === 0],
  ])('is due by "%s" as robfig/cron has it', async (schedule, isDue) => {
    const name = `cron-${schedule.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}x`;
    const { scheduleId } = await temporal.env.spark.schedules.apply(scheduled(name, { schedule }));
    const times = (await temporal.env.spark.schedules.describe(scheduleId)).nextRuns.map((time) => Date.parse(time));
    const expected: number[] = [];
    for (let time = times[0]!; expected.length < times.length; time += 60_000) {
      if (isDue(new Date(time))) expected.push(time);
      if (time > times.at(-1)!) break;
    }
    expect(times).toHaveLength(5);
    expect(times.map((time) => new Date(time).toISOString())).toEqual(
      expected.map((time) => new Date(time).toISOString()),
    );
  });

  it('is due at the same time of the day before and after the clock was changed', async () => {
    // The clock goes forward on one of these days.
    const manifest = scheduled('summer', { schedule: '0 3 24-31 3 *', timeZone: 'Europe/Zurich' });
    const { scheduleId } = await temporal.env.spark.schedules.apply(manifest);
    const { info } = await temporal.env.client.schedule.getHandle(scheduleId).describe();
    const days = info.nextActionTimes.slice(0, 8);
    expect(days).toHaveLength(8);
    for (const day of days) {
      expect(day.toLocaleTimeString('en-GB', { timeZone: 'Europe/Zurich', timeStyle: 'short' })).toBe('03:00');
    }
    expect(new Set(days.map((day) => day.getUTCHours()))).toEqual(new Set([1, 2]));
  });
});

describe('a schedule of a pipeline', () => {
  it('runs it with its parameters and the logical time', async () => {
    const { schedules } = temporal.env.spark;
    const { scheduleId } = await schedules.apply(pipelineSchedule('etl', { timeZone: 'America/New_York' }));
    // 03:00 in New York in summer; the day is that of the zone.
    await schedules.backfill(scheduleId, {
      from: new Date('2026-08-01T07:00:00Z'),
      to: new Date('2026-08-01T07:00:00Z'),
    });
    const run = `pipeline/${temporal.env.namespace}/etl-${temporal.env.namespace}/scheduled-2026-08-01T07:00:00Z`;
    expect(scheduleId).toBe(`pipeline/${temporal.env.namespace}/etl-${temporal.env.namespace}`);
    const result = await eventually(
      'the run',
      async () => (await temporal.env.client.workflow.getHandle(run).result()) as SparkPipelineResult,
    );
    expect(result).toMatchObject({ state: 'COMPLETED', outputs: { date: '2026-08-01' } });
    await schedules.trigger(scheduleId);
    await eventually('another run', async () => (await schedules.describe(scheduleId)).recentRuns.length === 2);
  });
});

describe('a schedule of a pipeline whose runs overlap', () => {
  /** Asks for a run three times, each in a second of its own, while the first run is held. */
  async function triggered(overlap: ScheduledSparkPipeline['spec']['overlap'] & string) {
    const { schedules } = temporal.env.spark;
    const { spec: template } = pipelineOf('any', [step('a', { hold: true })]);
    const manifest = pipelineSchedule(`overlap-${overlap.toLowerCase()}`, { overlap, template });
    const { scheduleId } = await schedules.apply(manifest);
    const status = () => schedules.describe(scheduleId);
    const until = (what: string, is: (now: Awaited<ReturnType<typeof status>>) => boolean) =>
      eventually(what, async () => {
        const now = await status();
        return is(now) && now;
      });
    const trigger = async () => {
      const second = Math.floor(Date.now() / 1000);
      await eventually('another second', () => Date.now() / 1000 > second + 1);
      // As if it were due: a triggered run overlaps in any case.
      const handle = temporal.env.client.schedule.getHandle(scheduleId);
      await handle.trigger((await handle.describe()).policies.overlap);
    };
    const end = async (workflowId: string) => {
      await eventually('the stage', () =>
        temporal.env.client.workflow
          .getHandle(`${workflowId}/a`)
          .signal('go')
          .then(() => true),
      );
      await temporal.env.client.workflow.getHandle(workflowId).result();
    };
    await trigger();
    const [first] = (await until('the first run', ({ recentRuns }) => recentRuns.length === 1)).recentRuns;
    await trigger();
    return { first: first!.workflowId, trigger, until, end, status };
  }

  const timeout = 120_000;

  it('Skip leaves out what is due while another runs', { timeout }, async () => {
    const { first, trigger, until, end } = await triggered('Skip');
    await trigger();
    await until('two to be left out', ({ skipped }) => skipped === 2);
    await end(first);
    const { recentRuns } = await until('none to run', ({ running }) => running.length === 0);
    expect(recentRuns).toHaveLength(1);
  });

  it('BufferOne starts one afterwards', { timeout }, async () => {
    const { first, trigger, until, end } = await triggered('BufferOne');
    await trigger();
    await until('one to be left out', ({ skipped }) => skipped === 1);
    await end(first);
    const [second] = (await until('the second run', ({ running }) => running.length === 1 && running[0] !== first))
      .running;
    await end(second!);
    const { recentRuns } = await until('none to run', ({ running }) => running.length === 0);
    expect(recentRuns).toHaveLength(2);
  });

  it('BufferAll starts all afterwards, one after the other', { timeout }, async () => {
    const { first, trigger, until, end } = await triggered('BufferAll');
    await trigger();
    const seen = [first];
    await end(first);
    while (seen.length < 3) {
      const { running } = await until(
        'the next run',
        (now) => now.running.length === 1 && !seen.includes(now.running[0]!),
      );
      seen.push(running[0]!);
      await end(running[0]!);
    }
    const { recentRuns, skipped } = await until('none to run', ({ running }) => running.length === 0);
    expect([recentRuns.length, skipped]).toEqual([3, 0]);
  });

  it('CancelOther ends what runs gracefully', { timeout }, async () => {
    const { first, until, end } = await triggered('CancelOther');
    const { running } = await until('the second run', (now) => now.running.length === 1 && now.running[0] !== first);
    const { status } = await temporal.env.client.workflow.getHandle(first).describe();
    expect(status.name).toBe('CANCELLED');
    await end(running[0]!);
  });

  it('AllowAll runs them side by side', { timeout }, async () => {
    const { until, end } = await triggered('AllowAll');
    const { recentRuns } = await until('both', (now) => now.recentRuns.length === 2);
    const handles = recentRuns.map(({ workflowId }) => temporal.env.client.workflow.getHandle(workflowId));
    const states = await Promise.all(handles.map(async (handle) => (await handle.describe()).status.name));
    expect(states).toEqual(['RUNNING', 'RUNNING']);
    for (const { workflowId } of recentRuns) await end(workflowId);
  });
});

describe('a backfill', () => {
  it('of days is one of days in the zone of the schedule, the last included', async () => {
    const { schedules } = temporal.env.spark;
    // 22:00 in New York is the next day in UTC.
    const manifest = pipelineSchedule('late', { schedule: '0 22 * * *', timeZone: 'America/New_York' });
    const { scheduleId } = await schedules.apply(manifest);
    await schedules.backfill(scheduleId, { from: '2026-08-01', to: '2026-08-02' });
    const runs = await eventually('two runs', async () => {
      const { recentRuns, running } = await schedules.describe(scheduleId);
      return recentRuns.length === 2 && running.length === 0 && recentRuns;
    });
    expect(runs.map(({ dueAt }) => dueAt).sort()).toEqual(['2026-08-02T02:00:00.000Z', '2026-08-03T02:00:00.000Z']);
    const results = await Promise.all(
      runs.map(({ workflowId }) => temporal.env.spark.pipelines.get(workflowId).result()),
    );
    expect(results.map(({ outputs }) => outputs['date']).sort()).toEqual(['2026-08-01', '2026-08-02']);
    const wrong = (from: string, to: string) => schedules.backfill(scheduleId, { from, to });
    await expect(wrong('2026-02-30', '2026-03-01')).rejects.toThrow(
      '"2026-02-30" is not a day; write it as 2026-11-20.',
    );
    await expect(wrong('2026-03-02', '2026-03-01')).rejects.toThrow('ends (2026-03-01) before it begins (2026-03-02).');
  });
});

describe('schedules on the command line', () => {
  it('are created, listed, described, paused, resumed, triggered, backfilled and deleted', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-schedule-'));
    const at = {
      env: { TEMPORAL_ADDRESS: temporal.env.temporalAddress, TEMPORAL_SPARK_TASK_QUEUE: temporal.env.taskQueue },
    };
    const schedule = (...args: string[]) => cli(['schedule', ...args], at);
    const id = `spark/${temporal.env.namespace}/by-hand`;
    try {
      const file = join(directory, 'schedule.yaml');
      await writeFile(file, stringify(scheduled('by-hand')));
      expect(await schedule('create', file)).toMatchObject({ code: 0, stdout: `${id} created\n` });
      expect(await schedule('create', file)).toMatchObject({ code: 0, stdout: `${id} unchanged\n` });
      expect((await schedule('pause', id, '--note', 'maintenance')).stdout).toBe(`${id} is paused\n`);
      expect((await schedule('describe', id)).stdout).toMatch(
        /State +paused\nNote +maintenance\nCron +0 3 \* \* \*\nTime zone +UTC\nRuns +application, Spark 4\.1\.4, image /,
      );
      expect((await schedule('resume', id)).stdout).toBe(`${id} is active\n`);
      const { spark, client } = temporal.env;
      await spark.schedules.trigger(id);
      const lastRun = await eventually('a run in the list', async () => {
        const found = (await spark.schedules.list()).find(({ scheduleId }) => scheduleId === id);
        return found?.lastRun;
      });
      await eventually('the run', () =>
        client.workflow
          .getHandle(lastRun.workflowId)
          .terminate()
          .then(() => true),
      );
      const listed = (await schedule('list')).stdout;
      expect(listed).toMatch(/^STATE +SCHEDULE +CRON +ZONE +NEXT +LAST +ENDED/);
      expect(listed).toMatch(new RegExp(`active +${id} +0 3 \\* \\* \\* +UTC +.* ago\\) +TERMINATED`));
      const described = (await schedule('describe', id)).stdout;
      expect(described).toMatch(new RegExp(`ago\\) +${lastRun.workflowId} +TERMINATED\n`));
      expect(described).toContain(`temporal-spark describe ${lastRun.workflowId}`);
      expect((await schedule('backfill', id, '--from', 'yesterday', '--to', '2026-11-20')).code).toBe(2);
      expect((await schedule('delete', id)).stdout).toBe(`${id} is deleted\n`);
      expect(await schedule('describe', id)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('does not exist') as string,
      });

      await writeFile(file, stringify(scheduled('bad', { schedule: '0 25 * * *', timeZone: 'Mars/Olympus' })));
      const bad = await schedule('create', file);
      expect(bad.code).toBe(2);
      expect(bad.stderr).toMatch(/spec\.schedule {2}has a wrong hour[^]*spec\.timeZone {2}is not a known time zone/);
      expect((await cli(['run', file.replace('schedule.yaml', 'none.yaml')], at)).code).toBe(2);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
