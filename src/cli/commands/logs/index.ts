import { InvalidArgumentError, Option, type Command } from 'commander';
import { durationMs } from '../../../validation/duration.ts';
import {
  addClusterFlags,
  addTemporalFlags,
  APPLICATION,
  namespaceFlag,
  wholeNumber,
  type CommandContext,
} from '../../flags.ts';
import type { LogsFlags } from './logs.ts';

export function declareLogs(program: Command, { end }: CommandContext): void {
  addClusterFlags(addTemporalFlags(program.command('logs')))
    .summary('Print the log of a driver or of executors')
    .description(
      "Print the log of a driver or of executors: the kubelet's while the pod exists, else the archive's, else the recorded " +
        'end; standard error names the source. Exit code 1 where there is no log.',
    )
    .argument('<application>', APPLICATION)
    .addOption(namespaceFlag())
    .option('-f, --follow', 'Follow the log until the container ends', false)
    .addOption(new Option('--executor <id>', 'Log of this executor instead of the driver').argParser(wholeNumber(1)))
    .addOption(
      new Option('--all', 'Logs of the driver and its executors, each line with its container').conflicts('executor'),
    )
    .addOption(new Option('--attempt <n>', 'Log of this attempt (default: the last)').argParser(wholeNumber(1)))
    .addOption(new Option('--tail <n>', 'Only the last n lines').argParser(wholeNumber()))
    .addOption(
      new Option('--since <duration>', "Only what is newer, such as 10m; kubelet's log only").argParser(duration),
    )
    .option('--grep <expression>', 'Only lines that match an RE2 expression; with --tail, of the last n lines')
    .addOption(new Option('--source <source>', 'Use only this source').choices(['kubelet', 'archive', 'recorded']))
    .addOption(
      new Option('--archive <url>', 'Archive of the workers: a directory or s3://bucket/prefix').env(
        'TEMPORAL_SPARK_LOG_ARCHIVE',
      ),
    )
    .action(async (application: string, flags: LogsFlags) => {
      const { logs } = await import('./logs.ts');
      end(await logs(application, flags));
    });
}

/** In milliseconds. @throws InvalidArgumentError for anything that is not a duration longer than zero */
function duration(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined || ms < 1) throw new InvalidArgumentError('It must be a duration such as 30s, 10m or 1h30m.');
  return ms;
}
