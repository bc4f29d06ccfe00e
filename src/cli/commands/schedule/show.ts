import type {
  ListedSchedule,
  RunOutcome,
  ScheduleClient,
  SparkScheduleStatus,
  StartedRun,
} from '../../../client/index.ts';
import { present } from '../../../validation/present.ts';
import { ExitCode } from '../../exit-code.ts';
import { findSchedule } from '../../find-schedule.ts';
import type { NamespaceFlags, OutputFlags, TemporalFlags } from '../../flags.ts';
import { withColour } from '../../output/colour.ts';
import { printable, printableLine } from '../../output/printable.ts';
import { fitted, table } from '../../output/table.ts';
import { timeAndAge } from '../../output/times.ts';
import { withTemporal } from '../../temporal.ts';

export type ScheduleFlags = TemporalFlags & NamespaceFlags & OutputFlags;

/** Schedules that are read at once. */
const CONCURRENT = 16;

/** A schedule, and how its last run ended. */
type ShownSchedule = ListedSchedule &
  Partial<Pick<SparkScheduleStatus, 'schedule' | 'timeZone' | 'runs'>> & { readonly lastOutcome?: RunOutcome };

export async function list(flags: ScheduleFlags): Promise<ExitCode> {
  return withTemporal(flags, async ({ spark }) => {
    const { schedules } = spark;
    const listed = await schedules.list();
    const shown: ShownSchedule[] = [];
    for (let start = 0; start < listed.length; start += CONCURRENT) {
      const part = listed.slice(start, start + CONCURRENT);
      shown.push(...(await Promise.all(part.map((schedule) => shownSchedule(schedules, schedule)))));
    }
    if (flags.output === 'json') console.log(JSON.stringify(shown));
    else if (shown.length === 0) console.log('No schedules found.');
    else {
      const columns = ['STATE', 'SCHEDULE', 'CRON', 'ZONE', 'NEXT', 'LAST', 'ENDED', 'NOTE'];
      const [heading = '', ...lines] = table(columns, shown.map(cells)).map(fitted);
      console.log([heading, ...lines.map((line, row) => withColour(line, stateOf(shown[row]!)))].join('\n'));
    }
    return ExitCode.Ok;
  });
}

async function shownSchedule(schedules: ScheduleClient, listed: ListedSchedule): Promise<ShownSchedule> {
  const { scheduleId, lastRun } = listed;
  const [status, lastOutcome] = await Promise.all([
    // One may be deleted as soon as it was listed.
    schedules.describe(scheduleId).catch(() => undefined),
    lastRun && outcomeOf(schedules, lastRun),
  ]);
  const { schedule, timeZone, runs } = status ?? {};
  return { ...listed, ...present({ schedule, timeZone, runs, lastOutcome }) };
}

/** Undefined also where it cannot be read: the schedule is shown. */
const outcomeOf = (schedules: ScheduleClient, run: StartedRun): Promise<RunOutcome | undefined> =>
  schedules.outcome(run).catch(() => undefined);

const stateOf = ({ lastOutcome }: ShownSchedule): string => lastOutcome?.state ?? '';

function cells({
  paused,
  scheduleId,
  schedule,
  timeZone,
  nextRun,
  lastRun,
  lastOutcome,
  note,
}: ShownSchedule): string[] {
  return [
    paused ? 'paused' : 'active',
    scheduleId,
    schedule ?? '',
    timeZone ?? '',
    paused || nextRun === undefined ? 'never' : timeAndAge(nextRun),
    lastRun === undefined ? 'never' : timeAndAge(lastRun.dueAt),
    lastOutcome?.state ?? '',
    note ?? '',
  ];
}

export async function describe(id: string, flags: ScheduleFlags): Promise<ExitCode> {
  return withTemporal(flags, async (temporal) => {
    const { schedules } = temporal.spark;
    const status = await schedules.describe(await findSchedule(temporal, id, flags.namespace));
    const recentRuns = await Promise.all(
      status.recentRuns.map(async (run) => ({ ...run, ...present({ outcome: await outcomeOf(schedules, run) }) })),
    );
    const shown = { ...status, recentRuns };
    console.log(flags.output === 'json' ? JSON.stringify(shown) : text(shown));
    return ExitCode.Ok;
  });
}

interface DescribedSchedule extends SparkScheduleStatus {
  readonly recentRuns: readonly (StartedRun & { readonly outcome?: RunOutcome })[];
}

function text(status: DescribedSchedule): string {
  const { scheduleId, schedule, timeZone, runs, paused, note, overlap, catchUpSeconds } = status;
  const { nextRuns, running, recentRuns, skipped, missed } = status;
  const rows: [string, string | undefined][] = [
    ['Schedule', scheduleId],
    ['State', paused ? 'paused' : 'active'],
    ['Note', note],
    ['Cron', schedule],
    ['Time zone', timeZone],
    ['Runs', runs],
    ['Overlap', overlap],
    ['Catch-up window', `${catchUpSeconds} s`],
    ['Skipped', skipped === 0 ? undefined : `${skipped} because the previous run had not ended`],
    ['Missed', missed === 0 ? undefined : `${missed} because Temporal was down longer than the catch-up window`],
    ...(paused ? [] : nextRuns.map((time): [string, string] => ['Next', timeAndAge(time)])),
    ...running.map((workflowId): [string, string] => ['Running', workflowId]),
  ];
  const lines = rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(18)} ${value}`]));
  const [, ...recent] = table(
    ['', '', '', ''],
    recentRuns.map(({ dueAt, workflowId, outcome }) => [
      timeAndAge(dueAt),
      workflowId,
      outcome?.state ?? 'no longer in Temporal',
      printableLine(outcome?.cause ?? ''),
    ]),
  );
  const colored = recent.map((line, row) => withColour(`  ${line}`, recentRuns[row]!.outcome?.state ?? ''));
  const last = recentRuns.at(-1);
  return [
    printable(lines.join('\n')),
    ...(recent.length === 0 ? [] : ['', 'Recent runs, by the time when they were due', ...colored]),
    ...(last === undefined ? [] : ['', `${'To see the last'.padEnd(18)} temporal-spark describe ${last.workflowId}`]),
  ].join('\n');
}
