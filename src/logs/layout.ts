/** One attempt of an application, as its logs are found. */
export interface LoggedAttempt {
  readonly namespace: string;
  readonly name: string;
  /** First run of the workflow's chain. */
  readonly run: string;
  /** Counted from 1. */
  readonly attempt: number;
}

/** Whose log: the driver's, or that of the executor with this ID of Spark. */
export type LoggedContainer = 'driver' | { readonly executor: string };

/** Names of folders. A run may come from an annotation, which users can change. */
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;
const PART = /^(.+)\.log\.(\d{6})\.gz$/;
const EXECUTOR = /^executor-(\d+)$/;

/**
 * `<namespace>/<name>/<run>/attempt-<n>`.
 *
 * @throws RangeError where a part of it is not a name
 */
export function folderOf({ namespace, name, run, attempt }: LoggedAttempt): string {
  const segments = [namespace, name, run, `attempt-${attempt}`];
  const wrong = segments.find((segment) => !SEGMENT.test(segment));
  if (wrong !== undefined)
    throw new RangeError(`${JSON.stringify(wrong)} cannot be the name of a folder of the archive`);
  return segments.join('/');
}

/** The names of a container's objects in the folder of its attempt. */
export class LogNames {
  private readonly base: string;

  constructor(container: LoggedContainer) {
    this.base = container === 'driver' ? 'driver' : `executor-${container.executor}`;
  }

  /** The whole log in one object: then it has no parts. */
  get whole(): string {
    return `${this.base}.log.gz`;
  }

  /** @param number counted from 1; in six digits, so that the names are in order */
  part(number: number): string {
    return `${this.base}.log.${String(number).padStart(6, '0')}.gz`;
  }

  /** Of an object that is a part of this log. */
  numberOf(name: string): number | undefined {
    const [, base, digits] = PART.exec(name) ?? [];
    return base === this.base ? Number(digits) : undefined;
  }
}

/** IDs of the executors that objects of these names are logs of, in order. */
export function executorsIn(names: readonly string[]): string[] {
  const ids = names.flatMap((name) => EXECUTOR.exec(name.split('.', 1)[0]!)?.[1] ?? []);
  return [...new Set(ids)].sort((one, other) => Number(one) - Number(other));
}
