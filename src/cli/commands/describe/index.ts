import { Option, type Command } from 'commander';
import {
  addClusterFlags,
  addTemporalFlags,
  APPLICATION,
  historyServerFlag,
  namespaceFlag,
  uiUrlFlag,
  type CommandContext,
} from '../../flags.ts';
import type { DescribeFlags } from './describe.ts';

export function declareDescribe(program: Command, { end }: CommandContext): void {
  addClusterFlags(addTemporalFlags(program.command('describe')))
    .summary('Show the state of applications or pipeline runs')
    .description(
      'Show the state of applications, or of pipeline runs with their stages. Of an application that has not completed, ' +
        'the text shows the Events of its driver pod and the end of its log too, where the cluster is reachable.',
    )
    .argument('<application...>', APPLICATION)
    .addOption(namespaceFlag())
    .option('-w, --watch', 'Print the state again after each change, until the application or run has ended', false)
    .addOption(uiUrlFlag())
    .addOption(historyServerFlag())
    .addOption(new Option('-o, --output <format>', 'Output format').choices(['text', 'json', 'yaml']).default('text'))
    .action(async (names: string[], flags: DescribeFlags) => {
      const { describe } = await import('./describe.ts');
      end(await describe(names, flags));
    });
}
