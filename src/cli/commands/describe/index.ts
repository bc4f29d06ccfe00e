import type { Command } from 'commander';
import { addTemporalFlags, APPLICATION, outputFlag, type CommandContext } from '../../flags.ts';
import type { DescribeFlags } from './describe.ts';

export function declareDescribe(program: Command, { end }: CommandContext): void {
  addTemporalFlags(program.command('describe'))
    .summary('Show the state of an application or pipeline run')
    .description('Show the state of an application, or of a pipeline run with its stages')
    .argument('<application>', `${APPLICATION}; of a pipeline run: pipeline/<namespace>/<name>/<run>`)
    .option('-w, --watch', 'Print the state again after each change, until the application or run has ended', false)
    .addOption(outputFlag())
    .action(async (application: string, flags: DescribeFlags) => {
      const { describe } = await import('./describe.ts');
      end(await describe(application, flags));
    });
}
