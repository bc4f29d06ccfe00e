import { CommanderError } from 'commander';
import { ExitCode } from './exit-code.ts';
import { renameOldFlags } from './old-flags.ts';
import { explainError } from './output/explain-error.ts';
import { printable } from './output/printable.ts';
import { allCommands, createProgram } from './program.ts';

/**
 * Runs a command and prints its errors.
 *
 * @param args without the program
 * @returns the exit code, and whether the command threw an error
 */
export async function runCommandLine(
  args: readonly string[],
  version: string,
): Promise<{ readonly exitCode: ExitCode; readonly failed: boolean }> {
  let exitCode: ExitCode = ExitCode.Ok;
  const program = createProgram(version, (code) => (exitCode = code));
  const commands = allCommands(program);
  for (const command of commands) command.exitOverride();
  program.hook('preAction', (_program, command) => renameOldFlags(command, args));
  try {
    await program.parseAsync(args, { from: 'user' });
    return { exitCode, failed: false };
  } catch (error) {
    // Commander has printed the error; help and version are not errors.
    if (error instanceof CommanderError) {
      const [first = ''] = args;
      const isOfCommand = commands.some(({ options }) =>
        options.some(({ long, short }) => [long, short].includes(first)),
      );
      if (error.code === 'commander.unknownOption' && isOfCommand) {
        console.error(
          `${first} is an option of commands; write it after the command: temporal-spark COMMAND ${first} …`,
        );
      }
      return { exitCode: error.exitCode === 0 ? ExitCode.Ok : ExitCode.BadInput, failed: false };
    }
    const { exitCode: code, message } = explainError(error);
    console.error(printable(message));
    if (commands.some((command) => command.opts<{ debug?: boolean }>().debug)) console.error(error);
    return { exitCode: code, failed: true };
  }
}
