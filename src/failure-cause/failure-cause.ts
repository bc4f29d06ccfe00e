import { CauseKind, type FailureCause } from '../protocol/failure-cause.ts';
import { present } from '../validation/present.ts';
import { maskSecrets } from '../validation/secrets.ts';
import { kindOf } from './known-causes.ts';
import { readLog, type LogFindings } from './read-log.ts';
import { Weight, type Thrown } from './report.ts';
import { isOfSpark } from './user-code.ts';

/** What is known of a driver that failed. */
export interface DriverEvidence {
  /** The end of its log; only the last MiB is read. It may begin in the middle of a line, or of a character. */
  readonly log?: string | Uint8Array;
  /** Of its container. */
  readonly exitCode?: number;
  /** Kubernetes' word for the end of the container: `Error`, `OOMKilled`, … */
  readonly reason?: string;
  /** An exception that Spark or Kubernetes left outside the log: read where the log names none. */
  readonly message?: string;
}

/** Bytes, or characters, of a log that are read: from its end. */
export const LOG_LIMIT = 2 ** 20;

const CAUSE_LIMIT = 500;
const CONTEXT_LIMIT = 150;
const FRAME_LIMIT = 200;
const MAX_FRAMES = 5;
const SIGTERM_EXIT_CODE = 143;
const SIGKILL_EXIT_CODE = 137;

const CONTAINER_OUT_OF_MEMORY: FailureCause = {
  cause: "The driver's container exceeded its memory limit and was killed (OOMKilled).",
  frames: [],
  kind: CauseKind.ContainerOutOfMemory,
};

/**
 * Why a driver failed, as a person would name it: the exception that is the root of the failure, with the frames of
 * user code. Takes a time that grows with the length of the log alone.
 *
 * @returns undefined where the driver left no trace of it, and where Kubernetes names another reason
 */
export function failureCause(evidence: DriverEvidence): FailureCause | undefined {
  const { log, message, reason } = evidence;
  if (reason === 'OOMKilled') return CONTAINER_OUT_OF_MEMORY;
  // An eviction, a preemption, a lost node: what the log has is a consequence.
  if (reason !== undefined && reason !== 'Error') return undefined;
  const found = readLog(endOf(log ?? ''));
  const bySignal = endBySignal(evidence, found);
  if (bySignal !== undefined) return bySignal;
  const best = found.report?.weight ?? -1;
  const { report } = best >= Weight.Logged ? found : readLog(endOf(message ?? ''));
  const thrown = (report ?? found.report)?.thrown ?? [];
  if (thrown.length > 0 && mayEndWith(evidence, found)) return withMissingJar(ofExceptions(thrown), found);
  // What Kubernetes reports is all that is known of it.
  return log === undefined ? undefined : ofExit(evidence, found, thrown);
}

/** A signal from outside is more certain than the log. */
function endBySignal({ exitCode }: DriverEvidence, { report }: LogFindings): FailureCause | undefined {
  if (report?.weight === Weight.Fatal) return undefined;
  if (exitCode === SIGTERM_EXIT_CODE) {
    return { cause: 'The driver was terminated by SIGTERM (exit code 143).', frames: [], kind: CauseKind.Terminated };
  }
  if (exitCode === SIGKILL_EXIT_CODE) {
    return { cause: 'The driver was killed by SIGKILL (exit code 137).', frames: [] };
  }
  return undefined;
}

/** A Python program that a traceback ends has exit code 1; with another one it handled the exception. */
const mayEndWith = ({ exitCode }: DriverEvidence, { report }: LogFindings): boolean =>
  report?.isPython !== true || exitCode === undefined || exitCode === 1;

function ofExceptions(thrown: readonly Thrown[]): FailureCause {
  const [outer] = thrown;
  const root = thrown.findLast(({ type, message }) => type !== '' || message !== '') ?? thrown.at(-1)!;
  const cause = [textOf(root, nameOf), contextOf(outer!, root)].filter(Boolean).join(' ');
  const known = thrown.toReversed().map((each) => kindOf(each));
  const frames = thrown.toReversed().flatMap((each) => each.frames);
  return {
    cause: oneLine(cause, CAUSE_LIMIT),
    frames: [...new Set(frames)].slice(0, MAX_FRAMES).map((frame) => oneLine(frame, FRAME_LIMIT)),
    ...present({ kind: known.find((kind) => kind !== undefined) }),
  };
}

/** A class that is not found, because its jar is not. */
function withMissingJar(cause: FailureCause, { missingJar }: LogFindings): FailureCause {
  if (missingJar === undefined || cause.kind !== CauseKind.MainClassNotFound) return cause;
  return {
    ...cause,
    kind: CauseKind.FileNotFound,
    cause: oneLine(`${missingJar} does not exist. ${cause.cause}`, CAUSE_LIMIT),
  };
}

/** How user code reported the root to its caller, if that adds to it. */
function contextOf(outer: Thrown, root: Thrown): string | undefined {
  const message = firstLine(outer.message);
  const adds = message !== '' && !message.includes(firstLine(root.message));
  if (outer === root || !outer.byUser || isOfSpark(outer.type) || !adds) return undefined;
  const text = textOf(outer, ({ type }) => type.slice(type.lastIndexOf('.') + 1));
  return `(reported as ${text.length > CONTEXT_LIMIT ? `${text.slice(0, CONTEXT_LIMIT - 1)}…` : text})`;
}

function textOf(thrown: Thrown, name: (thrown: Thrown) => string): string {
  return [name(thrown), cleaned(thrown.message)].filter((part) => part !== '').join(': ');
}

/** Without the module of Spark's own exceptions: `AnalysisException`. */
const nameOf = ({ type }: Thrown): string =>
  type.startsWith('pyspark.') ? type.slice(type.lastIndexOf('.') + 1) : type;

/** Without the plan, the whole answer of the API server, and what repeats the code of an error. */
function cleaned(message: string): string {
  let text = firstLine(message);
  const status = text.indexOf(' Received status: Status(');
  if (status !== -1) text = text.slice(0, status);
  if (text.startsWith('Failure executing: ') && text.includes(' Message: ')) {
    text = text.slice(text.indexOf(' Message: ') + 10);
  }
  return text.replace(/;$/, '');
}

/** Where it ends with a colon, the next one belongs to it. */
function firstLine(message: string): string {
  const [first = '', ...rest] = message.split('\n').filter((line) => line.trim() !== '');
  return /[:=]\s{0,3}$/.test(first.slice(-5)) && rest[0] !== undefined ? `${first.trimEnd()} ${rest[0]}` : first;
}

/** The driver named no exception: how it ended, and its last output. */
function ofExit(
  { exitCode = 1 }: DriverEvidence,
  { report, lastOutput }: LogFindings,
  thrown: readonly Thrown[],
): FailureCause {
  const handled = thrown.length === 0 ? undefined : ofExceptions(thrown);
  const error = handled?.cause ?? (report?.weight === Weight.ErrorLine ? report.logLine : undefined);
  const last = error ?? lastOutput;
  const how = `The application ended with exit code ${exitCode}`;
  const what = error === undefined ? 'its last output' : 'the last error in its log';
  const why = last === undefined ? '' : `; ${what}: ${last}`;
  return { cause: oneLine(`${how}${why}`, CAUSE_LIMIT), frames: handled?.frames ?? [] };
}

/** What is left of a line that was cut is not a line. */
function endOf(log: string | Uint8Array): string {
  const isCut = log.length > LOG_LIMIT;
  const end = typeof log === 'string' ? log.slice(-LOG_LIMIT) : new TextDecoder().decode(log.subarray(-LOG_LIMIT));
  return isCut ? end.slice(end.indexOf('\n') + 1) : end;
}

/** Masked before it is cut: half a secret is not found. */
function oneLine(text: string, limit: number): string {
  const line = maskSecrets(text)
    .replaceAll(/\s{1,100}/g, ' ')
    .trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}
