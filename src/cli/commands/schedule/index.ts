import type { Command } from 'commander';
import type { ScheduleClient } from '../../../client/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import {
  addTemporalFlags,
  namespaceFlag,
  outputFlag,
  taskQueueFlag,
  type CommandContext,
  type NamespaceFlags,
  type TemporalFlags,
} from '../../flags.ts';
import { findSchedule } from '../../find-schedule.ts';
import { withTemporal } from '../../temporal.ts';
import type { ScheduleFlags } from './show.ts';

type RequestFlags = TemporalFlags & NamespaceFlags;

/** `temporal-spark schedule …`: applications and pipelines that run on a schedule. */
export function declareSchedule(program: Command, { end }: CommandContext): void {
  const schedule = program.command('schedule').description('Run applications and pipelines on a schedule');
  const declare = (name: string, description: string) =>
    addTemporalFlags(schedule.command(name))
      .description(description)
      .argument('<schedule>', 'Name, namespace/name, or schedule id')
      .addOption(namespaceFlag());

  addTemporalFlags(schedule.command('create'))
    .description('Create or update the schedules of files; unchanged schedules stay untouched')
    .argument(
      '<file...>',
      'YAML or JSON with ScheduledSparkApplication or ScheduledSparkPipeline; - for standard input',
    )
    .addOption(taskQueueFlag())
    .addOption(outputFlag())
    .action(async (files: string[], flags: ScheduleFlags) => end(await create(files, flags)));
  addTemporalFlags(schedule.command('list'))
    .description('List the schedules of the Temporal namespace, with their last runs: two requests for each schedule')
    .addOption(outputFlag())
    .action(async (flags: ScheduleFlags) => {
      const { list } = await import('./show.ts');
      end(await list(flags));
    });
  declare('describe', 'Show what a schedule runs and when: recent runs with their ends, running and next runs')
    .addOption(outputFlag())
    .action(async (id: string, flags: ScheduleFlags) => {
      const { describe } = await import('./show.ts');
      end(await describe(id, flags));
    });
  declare('pause', 'Start no more runs; running ones continue')
    .option('--note <text>', 'Reason, shown by describe')
    .action(async (id: string, { note, ...flags }: RequestFlags & { note?: string }) =>
      end(await request(id, flags, (schedules, schedule) => schedules.pause(schedule, note), 'is paused')),
    );
  declare('resume', 'Start runs again').action(async (id: string, flags: RequestFlags) =>
    end(await request(id, flags, (schedules, schedule) => schedules.resume(schedule), 'is active')),
  );
  declare('trigger', 'Start a run now').action(async (id: string, flags: RequestFlags) =>
    end(await request(id, flags, (schedules, schedule) => schedules.trigger(schedule), 'has started a run')),
  );
  declare('backfill', 'Start the runs that were due in a time range, one after the other')
    .requiredOption(
      '--from <time>',
      'First day in the time zone of the schedule, such as 2026-11-01, or a time such as 2026-11-01T03:00:00Z',
    )
    .requiredOption('--to <time>', 'Last day, or a time')
    .action(async (id: string, { from, to, ...flags }: RequestFlags & { from: string; to: string }) => {
      const range = { from: timeOf(from, '--from'), to: timeOf(to, '--to') };
      end(
        await request(id, flags, (schedules, schedule) => schedules.backfill(schedule, range), 'is being backfilled'),
      );
    });
  declare('delete', 'Delete a schedule; its runs continue').action(async (id: string, flags: RequestFlags) =>
    end(await request(id, flags, (schedules, schedule) => schedules.delete(schedule), 'is deleted')),
  );
}

async function create(files: readonly string[], flags: ScheduleFlags): Promise<ExitCode> {
  const { inEachFile, readSchedules } = await import('../../read-manifests.ts');
  const manifests = await inEachFile(files, readSchedules);
  return withTemporal(flags, async ({ spark }) => {
    const applied = [];
    for (const manifest of manifests) {
      const one = await spark.schedules.apply(manifest);
      applied.push(one);
      if (flags.output === 'text') console.log(`${one.scheduleId} ${one.outcome}`);
    }
    if (flags.output === 'json') console.log(JSON.stringify(applied));
    return ExitCode.Ok;
  });
}

/** Sends one request and reports it. */
async function request(
  given: string,
  flags: RequestFlags,
  ask: (schedules: ScheduleClient, id: string) => Promise<void>,
  done: string,
): Promise<ExitCode> {
  return withTemporal(flags, async (temporal) => {
    const id = await findSchedule(temporal, given, flags.namespace);
    await explained(ask(temporal.spark.schedules, id));
    console.log(`${id} ${done}`);
    return ExitCode.Ok;
  });
}

/** A time, or a day in the time zone of the schedule. @throws CliError for anything else */
function timeOf(text: string, option: string): Date | string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new CliError(ExitCode.BadInput, `${option} ${text} is not a time; write 2026-11-20 or 2026-11-20T03:00:00Z.`);
}

async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof RangeError) throw new CliError(ExitCode.BadInput, error.message, error);
    throw error;
  }
}
