import type { Command } from 'commander';
import {
  outputFlag,
  pruneFlag,
  repeated,
  sparkHomeFlag,
  submittersFileFlag,
  type CommandContext,
} from '../../flags.ts';
import type { DiffFlags } from './diff.ts';

export function declareDiff(program: Command, { end }: CommandContext): void {
  program
    .command('diff')
    .summary('Compare the objects that two submitters would create')
    .description('Compare the objects that two submitters would create; creates nothing and connects to no server')
    .argument('<path...>', 'YAML or JSON files, or directories of such files; - for standard input')
    .option('--from <submitter>', 'Current submitter', 'spark-submit')
    .option('--to <submitter>', 'New submitter', 'native')
    .addOption(submittersFileFlag())
    .addOption(sparkHomeFlag())
    .option(
      '--allow <path>',
      'Accept a difference at this path, such as /Pod/spec/nodeName; * matches one step; may be repeated',
      repeated,
    )
    .option('--show-intended', 'Also show intended differences, each with its reason')
    .addOption(pruneFlag())
    .addOption(outputFlag())
    .addHelpText('after', '\nExit code: 0 all the same, 1 different or rejected, 2 comparison not possible.')
    .action(async (paths: string[], flags: DiffFlags) => {
      const { diff } = await import('./diff.ts');
      end(await diff(paths, flags));
    });
}
