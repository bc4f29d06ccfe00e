import { ApplicationAnnotation } from './annotations.ts';
import { durationMs } from '../validation/duration.ts';
import { present } from '../validation/present.ts';
import { lengthFault, Longest, LONGEST_MS } from '../validation/lengths.ts';

/** The cause of a driver's failure. */
export const FailureClass = {
  /** The application's: its exit code, or that it ran for too long. */
  Application: 'application',
  /** The container was killed for its memory, or the heap was too small. */
  OutOfMemory: 'out-of-memory',
  /** Not the application's: node lost, evicted, preempted, deleted, not schedulable, image not available. */
  Infrastructure: 'infrastructure',
} as const;
export type FailureClass = (typeof FailureClass)[keyof typeof FailureClass];

export const RestartBackoff = { Linear: 'linear', Exponential: 'exponential' } as const;
export type RestartBackoff = (typeof RestartBackoff)[keyof typeof RestartBackoff];

/** Whose logs are archived. */
export const ArchivedLogs = { Driver: 'driver', All: 'all', None: 'none' } as const;
export type ArchivedLogs = (typeof ArchivedLogs)[keyof typeof ArchivedLogs];

/** Settings of a run for which the operator has no fields. Times in milliseconds. */
export interface RunSettings {
  readonly submissionDeadlineMs?: number;
  readonly pendingDeadlineMs?: number;
  readonly runningDeadlineMs?: number;
  readonly startProblemDeadlineMs: number;
  readonly lostNodeDeadlineMs: number;
  readonly backoff: RestartBackoff;
  readonly maxIntervalMs?: number;
  /** 0 to 1. */
  readonly jitter: number;
  readonly retries: Readonly<Partial<Record<FailureClass, number>>>;
  /** Absent where the workers' configuration decides. */
  readonly archivedLogs?: ArchivedLogs;
}

/** An annotation with an invalid value. */
export interface AnnotationFault {
  readonly annotation: ApplicationAnnotation;
  readonly message: string;
  readonly allowed: string;
}

const DURATION = 'a duration above 0 such as "90s", "10m" or "1h30m"';
const CLASSES: readonly string[] = Object.values(FailureClass);
const RETRIES = `retries by class of failure, of ${CLASSES.join(', ')}, such as "infrastructure=5, out-of-memory=0"`;

/**
 * Reads the annotations of an application; an invalid value is a fault, and counts as absent. A duration above a year
 * counts as a year.
 */
export function readRunSettings(annotations: Readonly<Record<string, unknown>> = {}): {
  readonly settings: RunSettings;
  readonly faults: readonly AnnotationFault[];
} {
  const faults: AnnotationFault[] = [];
  const read = <T>(
    annotation: ApplicationAnnotation,
    allowed: string,
    parse: (text: string) => T | undefined,
  ): T | undefined => {
    const text = annotations[annotation];
    if (typeof text !== 'string') return undefined;
    const fault = lengthFault(text, Longest.Setting);
    const value = fault === undefined ? parse(text.trim()) : undefined;
    if (value === undefined) faults.push({ annotation, message: fault?.message ?? 'has an invalid value', allowed });
    return value;
  };
  const duration = (annotation: ApplicationAnnotation) =>
    read(annotation, DURATION, (text) => Math.min(durationMs(text) ?? 0, LONGEST_MS) || undefined);

  const backoff = read(ApplicationAnnotation.RestartBackoff, '"linear" or "exponential"', (text) =>
    Object.values(RestartBackoff).find((kind) => kind === text),
  );
  // A manifest in a history may have an interval that no schema checked: the delay must be the time of a date.
  const maxIntervalMs =
    duration(ApplicationAnnotation.RestartMaxInterval) ??
    (backoff === RestartBackoff.Exponential ? 600_000 : LONGEST_MS);
  const settings: RunSettings = {
    ...given('submissionDeadlineMs', duration(ApplicationAnnotation.SubmissionDeadline)),
    ...given('pendingDeadlineMs', duration(ApplicationAnnotation.PendingDeadline)),
    ...given('runningDeadlineMs', duration(ApplicationAnnotation.RunningDeadline)),
    startProblemDeadlineMs: duration(ApplicationAnnotation.StartProblemDeadline) ?? 120_000,
    lostNodeDeadlineMs: duration(ApplicationAnnotation.LostNodeDeadline) ?? 600_000,
    backoff: backoff ?? RestartBackoff.Linear,
    maxIntervalMs,
    jitter: read(ApplicationAnnotation.RestartJitter, 'a number from 0 to 1', fraction) ?? 0,
    retries: read(ApplicationAnnotation.RestartRetries, RETRIES, retriesByClass) ?? {},
    ...present({
      archivedLogs: read(ApplicationAnnotation.LogArchive, '"driver", "all" or "none"', (text) =>
        Object.values(ArchivedLogs).find((kind) => kind === text),
      ),
    }),
  };
  return { settings, faults };
}

function fraction(text: string): number | undefined {
  const value = /^(?:\d+|\d*\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  return value >= 0 && value <= 1 ? value : undefined;
}

function retriesByClass(text: string): Partial<Record<FailureClass, number>> | undefined {
  const retries: Partial<Record<FailureClass, number>> = {};
  for (const part of text.split(',')) {
    const [, name = '', count = ''] = /^\s*([a-z-]+)\s*=\s*(\d{1,6})\s*$/.exec(part) ?? [];
    if (!CLASSES.includes(name)) return undefined;
    retries[name as FailureClass] = Number(count);
  }
  return retries;
}

function given<K extends string>(key: K, value: number | undefined): { [P in K]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: number });
}
