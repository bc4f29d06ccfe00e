import type { Command } from 'commander';
import { addTemporalFlags, APPLICATION, namespaceFlag, outputFlag, type CommandContext } from '../../flags.ts';
import type { DescribeFlags } from './describe.ts';

export function declareDescribe(program: Command, { end }: CommandContext): void {
  addTemporalFlags(program.command('describe'))
    .summary('Show the state of applications or pipeline runs')
    .description('Show the state of applications, or of pipeline runs with their stages')
    .argument('<application...>', APPLICATION)
    .addOption(namespaceFlag())
    .option('-w, --watch', 'Print the state again after each change, until the application or run has ended', false)
    .addOption(outputFlag())
    .action(async (names: string[], flags: DescribeFlags) => {
      const { describe } = await import('./describe.ts');
      end(await describe(names, flags));
    });
}
