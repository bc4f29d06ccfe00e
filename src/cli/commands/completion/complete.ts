import type { Command, Option } from 'commander';
import { liveNames } from './live-names.ts';

/** A candidate, and what it is. */
interface Candidate {
  readonly value: string;
  readonly description: string;
}

/**
 * What may follow on a command line, as lines of a value, a tab and its description.
 *
 * @param words without the program; the last is being written, and may be empty
 */
export async function complete(program: Command, words: readonly string[]): Promise<readonly string[]> {
  const written = words.at(-1) ?? '';
  const { command, pending } = parse(program, words.slice(0, -1));
  const candidates = await candidatesFor(command, { pending, written, words });
  return candidates
    .filter(({ value }) => value.startsWith(written))
    .map(({ value, description }) => `${value}\t${description}`);
}

/** The command that the words lead to, and the option whose value comes next. */
function parse(program: Command, words: readonly string[]): { readonly command: Command; readonly pending?: Option } {
  let command = program;
  let pending: Option | undefined;
  for (const word of words) {
    if (pending !== undefined) {
      pending = undefined;
      continue;
    }
    const option = command.options.find(({ long, short }) => word === long || word === short);
    if (option?.required === true) pending = option;
    else if (!word.startsWith('-')) command = command.commands.find((each) => each.name() === word) ?? command;
  }
  return { command, ...(pending === undefined ? {} : { pending }) };
}

async function candidatesFor(
  command: Command,
  {
    pending,
    written,
    words,
  }: { readonly pending?: Option | undefined; readonly written: string; readonly words: readonly string[] },
): Promise<readonly Candidate[]> {
  if (pending !== undefined) return choices(pending.argChoices);
  const help = command.createHelp();
  if (written.startsWith('-')) {
    return help
      .visibleOptions(command)
      .flatMap(({ long, description }) => (long == null ? [] : [{ value: long, description }]));
  }
  if (command.commands.length > 0) {
    return help
      .visibleCommands(command)
      .map((each) => ({ value: each.name(), description: each.summary() || each.description() }));
  }
  const [argument] = command.registeredArguments;
  if (argument?.argChoices !== undefined) return choices(argument.argChoices);
  return argument === undefined ? [] : liveNames(argument.name(), words);
}

const choices = (values: readonly string[] | undefined): readonly Candidate[] =>
  (values ?? []).map((value) => ({ value, description: '' }));
