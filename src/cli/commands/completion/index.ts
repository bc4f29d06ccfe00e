import { Argument, type Command } from 'commander';
import type { CommandContext } from '../../flags.ts';
import { ExitCode } from '../../exit-code.ts';
import { shells, type Shell } from './shells.ts';

/**
 * `completion` prints a shell's script, which calls the hidden `complete`. The commands and flags are those that commander
 * knows, so that they need no second list; libraries that fit commander complete synchronously, without live names.
 */
export function declareCompletion(program: Command, { end }: CommandContext): void {
  program
    .command('completion')
    .summary('Print the completion script of a shell')
    .description(
      'Print the completion script of a shell: commands, flags, and names of applications, pipeline runs, schedules ' +
        'and Spark Connect sessions',
    )
    .addArgument(new Argument('<shell>', 'Shell').choices(shells))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./scripts.ts');
      console.log(completionScript(shell));
      end(ExitCode.Ok);
    });
  program
    .command('complete', { hidden: true })
    .argument('[words...]', 'Words of the command line so far; the last is being written')
    .action(async (words: string[]) => {
      const { complete } = await import('./complete.ts');
      for (const line of await complete(program, words)) console.log(line);
      end(ExitCode.Ok);
    });
}
