import { execa, ExecaError } from 'execa';

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Whether `env` is added to this process's environment instead of replacing it. @default true */
  readonly extendEnv?: boolean;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program to its end and returns what it printed. Rejects with the last lines it wrote where it fails. */
export async function runCommand(
  command: string,
  args: readonly string[],
  { signal, ...options }: CommandOptions = {},
): Promise<string> {
  try {
    const { stdout } = await execa(command, args, {
      ...options,
      stdin: 'ignore',
      all: true,
      stripFinalNewline: false,
      killDescendants: true, // `go build` has compilers, `apt-get` has dpkg.
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    return stdout;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ExecaError)) throw error;
    const tail = String(error.all).trim().split('\n').slice(-15).join('\n');
    throw new Error(`${command} ${args.join(' ')} failed:\n${tail || error.shortMessage}`, { cause: error });
  }
}
