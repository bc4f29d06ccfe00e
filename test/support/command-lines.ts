import { allCommands, createProgram } from '../../src/cli/program.ts';

/** A command line of a text, as words. */
export type CommandLine = readonly string[];

/** The command lines of `temporal-spark` in the lines of a shell, also behind a pipe, `--` or `$`: what follows its name. */
export function commandLinesOf(shell: string): CommandLine[] {
  return shell
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .flatMap((line) =>
      line
        .replace(/(?:^|\s)# .*/, '')
        .replace(/ (?:&$|< \S+)/, '')
        .split(/ \| | > | && |; /),
    )
    .map((line) =>
      [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare!),
    )
    .flatMap((words) => {
      const start = words.findIndex((word) => /^(?:\S+\/)?temporal-spark$/.test(word));
      const isFirst = words.slice(0, start).every((word) => word === '$' || /^\w+=/.test(word));
      const isCommand = start >= 0 && (isFirst || words[start - 1] === '--');
      return isCommand ? [words.slice(start + 1)] : [];
    });
}

/**
 * Parses a command line without running it; resolves to the names of its command, such as `pipeline pause`.
 *
 * @throws CommanderError for what the program does not take: an unknown command or flag, a missing argument
 */
export async function parseCommandLine(words: CommandLine): Promise<string> {
  let ran: string | undefined;
  const program = createProgram('0', () => undefined);
  for (const command of allCommands(program)) {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    const path = [command.parent?.parent == null ? '' : command.parent.name(), command.name()]
      .filter(Boolean)
      .join(' ');
    const isForeign = !command.parent?.createHelp().visibleCommands(command.parent).includes(command);
    if (command.commands.length === 0 && !isForeign) command.action(() => void (ran = path));
  }
  await program.parseAsync([...words], { from: 'user' });
  return ran ?? '';
}
