/** What the CLI tells a script. */
export const ExitCode = {
  Ok: 0,
  /** The application failed or was cancelled, or something went wrong that is nobody's input. */
  Failed: 1,
  /** The input can't be used: a file, a manifest, an option, an id. */
  BadInput: 2,
  /** Temporal or Kubernetes can't be reached. */
  Unreachable: 3,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Ends a command with a message for a person and a code for a script. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}
