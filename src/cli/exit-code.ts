/** The exit codes of the CLI. */
export const ExitCode = {
  Ok: 0,
  /** The application failed or was cancelled, or an error occurred that bad input does not explain. */
  Failed: 1,
  /** The input is not valid: a file, a manifest, an option, an id. */
  BadInput: 2,
  /** Temporal or Kubernetes is not reachable. */
  Unreachable: 3,
  /** Ctrl-C, after the command has removed what it created. */
  Interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Ends a command with a message and an exit code. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}
