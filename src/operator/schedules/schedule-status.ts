import { asRecord, asText } from '../../validation/unknown-data.ts';
import { ApplicationState } from '../../protocol/index.ts';

/** `status` of a ScheduledSparkApplication, as the operator writes it. Times are RFC 3339. */
export interface ScheduleStatus {
  readonly lastRun: string | null;
  readonly lastRunName?: string;
  readonly nextRun: string | null;
  readonly pastSuccessfulRunNames?: readonly string[];
  readonly pastFailedRunNames?: readonly string[];
  readonly scheduleState: ScheduleState;
  readonly reason?: string;
}

/** The operator's words. */
export const ScheduleState = {
  Scheduled: 'Scheduled',
  FailedValidation: 'FailedValidation',
} as const;
export type ScheduleState = (typeof ScheduleState)[keyof typeof ScheduleState];

/** A SparkApplication of a schedule. */
export interface Run {
  readonly name: string;
  readonly uid: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** Of its status. */
  readonly state?: string;
}

export interface ScheduleFacts {
  /** The status that the resource has. */
  readonly before: unknown;
  readonly runs: readonly Run[];
  /** Absent where none is due. */
  readonly nextRun?: Date;
  /** Why the schedule cannot be used. */
  readonly fault?: string;
  /** How many runs are kept; all where the schedule cannot be read. */
  readonly limits?: { readonly successful: number; readonly failed: number };
}

const REASON_LIMIT = 5_000;

/** The status of a schedule, and its runs beyond the limits of its history. Pure. */
export function scheduleStatus({ before, runs, nextRun, fault, limits }: ScheduleFacts): {
  readonly status: ScheduleStatus;
  readonly expired: readonly Run[];
} {
  const newestFirst = [...runs].sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.name.localeCompare(a.name));
  const ended = (wanted: ApplicationState) => newestFirst.filter(({ state }) => state === wanted);
  const [successful, failed] = [ended(ApplicationState.Completed), ended(ApplicationState.Failed)];
  const { successful: mostSuccessful = Infinity, failed: mostFailed = Infinity } = limits ?? {};
  const names = (of: readonly Run[], most: number) => of.slice(0, most).map(({ name }) => name);
  const pastSuccessfulRunNames = names(successful, mostSuccessful);
  const pastFailedRunNames = names(failed, mostFailed);
  const status: ScheduleStatus = {
    ...lastRun(newestFirst[0], before),
    nextRun: nextRun === undefined ? null : toSeconds(nextRun.toISOString()),
    // The operator leaves out what is empty.
    ...(pastSuccessfulRunNames.length === 0 ? {} : { pastSuccessfulRunNames }),
    ...(pastFailedRunNames.length === 0 ? {} : { pastFailedRunNames }),
    ...(fault === undefined
      ? { scheduleState: ScheduleState.Scheduled }
      : { scheduleState: ScheduleState.FailedValidation, reason: fault.slice(0, REASON_LIMIT).toWellFormed() }),
  };
  return { status, expired: [...successful.slice(mostSuccessful), ...failed.slice(mostFailed)] };
}

/** Of the newest run, or what the status has: that run may be deleted by now. */
function lastRun(newest: Run | undefined, before: unknown): Pick<ScheduleStatus, 'lastRun' | 'lastRunName'> {
  const { lastRun, lastRunName } = asRecord(before);
  const [known = '', knownName] = [asText(lastRun), asText(lastRunName)];
  if (newest !== undefined && newest.createdAt >= known) {
    return { lastRun: newest.createdAt, lastRunName: newest.name };
  }
  return { lastRun: known === '' ? null : known, ...(knownName === undefined ? {} : { lastRunName: knownName }) };
}

/** As the API server writes times. */
const toSeconds = (time: string): string => time.replace(/\.\d+Z$/, 'Z');
