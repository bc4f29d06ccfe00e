import type { SparkScheduleStatus, ScheduleClient } from '../../client/index.ts';
import { CliError, ExitCode } from '../exit-code.ts';
import { readSchedules } from '../read-manifests.ts';
import { withTemporal, type TemporalOptions } from '../temporal.ts';

type Output = { readonly output: 'text' | 'json' };

/** Makes the schedules of a file what it says; the same file again changes nothing. */
export async function createSchedules(file: string, options: TemporalOptions & Output): Promise<ExitCode> {
  const manifests = await readSchedules(file);
  return withTemporal(options, async ({ spark }) => {
    const applied = [];
    for (const manifest of manifests) {
      const one = await spark.schedules.apply(manifest);
      applied.push(one);
      if (options.output === 'text') console.log(`${one.scheduleId} ${one.outcome}`);
    }
    if (options.output === 'json') console.log(JSON.stringify(applied));
    return ExitCode.Ok;
  });
}

export async function listSchedules(options: TemporalOptions & Output): Promise<ExitCode> {
  return withTemporal(options, async ({ spark }) => {
    const schedules = await spark.schedules.list();
    if (options.output === 'json') console.log(JSON.stringify(schedules));
    else if (schedules.length === 0) console.log('There are no schedules.');
    for (const { scheduleId, paused, nextRun } of options.output === 'json' ? [] : schedules) {
      console.log(`${scheduleId.padEnd(40)} ${paused ? 'paused' : `next ${nextRun ?? 'never'}`}`);
    }
    return ExitCode.Ok;
  });
}

export async function describeSchedule(id: string, options: TemporalOptions & Output): Promise<ExitCode> {
  return withTemporal(options, async ({ spark }) => {
    const status = await explained(spark.schedules.describe(id));
    console.log(options.output === 'json' ? JSON.stringify(status) : text(status));
    return ExitCode.Ok;
  });
}

/** Asks something of a schedule, and says what was asked. */
export async function askSchedule(
  id: string,
  options: TemporalOptions,
  ask: (schedules: ScheduleClient) => Promise<void>,
  done: string,
): Promise<ExitCode> {
  return withTemporal(options, async ({ spark }) => {
    await explained(ask(spark.schedules));
    console.log(`${id} ${done}`);
    return ExitCode.Ok;
  });
}

/** A time of the command line, or a day of the schedule's zone. @throws CliError where it is none */
export function timeOf(text: string, option: string): Date | string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new CliError(ExitCode.BadInput, `${option} ${text} is no time: write 2026-11-20 or 2026-11-20T03:00:00Z.`);
}

async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof RangeError) throw new CliError(ExitCode.BadInput, error.message, error);
    if (!(error instanceof Error) || error.name !== 'ScheduleNotFoundError') throw error;
    throw new CliError(
      ExitCode.BadInput,
      'There is no schedule with that id: spark/<namespace>/<name>, or pipeline/<namespace>/<name>. See temporal-spark schedule list.',
      error,
    );
  }
}

function text(status: SparkScheduleStatus): string {
  const { scheduleId, paused, note, overlap, catchUpSeconds, nextRuns, running, recentRuns, skipped, missed } = status;
  const rows: [string, string | number | undefined][] = [
    ['Schedule', scheduleId],
    ['State', paused ? 'paused' : 'active'],
    ['Note', note],
    ['Overlap', overlap],
    ['Catch-up window', `${catchUpSeconds} s`],
    ['Skipped', skipped === 0 ? undefined : `${skipped} because an earlier run was under way`],
    ['Missed', missed === 0 ? undefined : `${missed} because Temporal was down for too long`],
    ...nextRuns.map((time): [string, string] => ['Next', time]),
    ...running.map((id): [string, string] => ['Running', id]),
    ...recentRuns.map(({ dueAt, workflowId }): [string, string] => ['Recent', `${dueAt}  ${workflowId}`]),
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(18)} ${value}`])).join('\n');
}
