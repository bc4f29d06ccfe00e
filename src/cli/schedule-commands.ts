import { Option, type Command } from 'commander';
import type { CommandHelpers } from './pipeline-commands.ts';
import type { TemporalOptions } from './temporal.ts';

type Output = { readonly output: 'text' | 'json' };

/** `temporal-spark schedule …`: applications and pipelines by the clock. */
export function addScheduleCommands(
  program: Command,
  { temporal, end, output }: CommandHelpers & { output: () => Option },
): void {
  const schedule = program.command('schedule').description('run applications and pipelines by the clock');
  const commands = async () => import('./commands/schedule.ts');
  const on = (name: string, description: string) => {
    const command = temporal(schedule.command(name)).description(description);
    return command.argument('<schedule>', 'schedule id: spark/<namespace>/<name> or pipeline/<namespace>/<name>');
  };
  const ask =
    (done: string, work: (id: string) => Parameters<Awaited<ReturnType<typeof commands>>['askSchedule']>[2]) =>
    async (id: string, options: TemporalOptions): Promise<void> =>
      end(await (await commands()).askSchedule(id, options, work(id), done));

  temporal(schedule.command('create'))
    .description('create the schedules of a file, or change them to what it says; the same file again changes nothing')
    .argument('<file>', 'YAML or JSON with ScheduledSparkApplication or ScheduledSparkPipeline; - for standard input')
    .addOption(new Option('--task-queue <name>', 'task queue of the workers').env('TEMPORAL_SPARK_TASK_QUEUE'))
    .addOption(output())
    .action(async (file: string, options: TemporalOptions & Output) =>
      end(await (await commands()).createSchedules(file, options)),
    );
  temporal(schedule.command('list'))
    .description('list the schedules of the namespace')
    .addOption(output())
    .action(async (options: TemporalOptions & Output) => end(await (await commands()).listSchedules(options)));
  on('describe', 'print when it ran, when it will run, and what it left out')
    .addOption(output())
    .action(async (id: string, options: TemporalOptions & Output) =>
      end(await (await commands()).describeSchedule(id, options)),
    );
  on('pause', 'start no more runs; what runs goes on')
    .option('--note <text>', 'why')
    .action(async (id: string, { note, ...options }: TemporalOptions & { note?: string }) =>
      end(await (await commands()).askSchedule(id, options, (schedules) => schedules.pause(id, note), 'is paused')),
    );
  on('resume', 'start runs again').action(ask('is active', (id) => (schedules) => schedules.resume(id)));
  on('trigger', 'start a run now').action(ask('has started a run', (id) => (schedules) => schedules.trigger(id)));
  on('backfill', 'start a run for each time it was due in a range, one after the other')
    .requiredOption(
      '--from <time>',
      'first day in the zone of the schedule, such as 2026-11-01, or a time such as 2026-11-01T03:00:00Z',
    )
    .requiredOption('--to <time>', 'last day, or a time')
    .action(async (id: string, { from, to, ...options }: TemporalOptions & { from: string; to: string }) => {
      const { askSchedule, timeOf } = await commands();
      const range = { from: timeOf(from, '--from'), to: timeOf(to, '--to') };
      end(await askSchedule(id, options, (schedules) => schedules.backfill(id, range), 'is being backfilled'));
    });
  on('delete', 'delete it; its runs go on').action(ask('is deleted', (id) => (schedules) => schedules.delete(id)));
}
