import { patched } from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../../manifest/index.ts';
import type { FailureClass } from '../../manifest/run-settings.ts';
import {
  DriverReason,
  type AttemptPlan,
  type DriverProgressReport,
  type FailureCause,
  type FinalizeInput,
  type FinalOutcome,
  type ReportedProblem,
  type SubmissionIdentity,
  type SubmittedDriver,
  type TeamDefault,
} from '../../protocol/index.ts';
import { driverServiceAccount } from '../../spark/attempt.ts';
import { Annotation } from '../../spark/metadata.ts';
import type { ApplicationTimings } from '../../timings/index.ts';
import { causeOf } from './cause-of.ts';
import { failureClass } from './failure-class.ts';
import { present } from '../../validation/present.ts';
import { asRecord, asScalar, asText } from '../../validation/unknown-data.ts';

/** The record of one attempt. Plain data: each step creates a new one. */
export interface AttemptRecord {
  /** Counted from 1. */
  readonly number: number;
  readonly identity: SubmissionIdentity;
  /** That the driver runs as. */
  readonly serviceAccount: string;
  /** A driver may exist that carries our finalizer. */
  readonly needsFinalize: boolean;
  /** Where there are several clusters: known before anything is created there. */
  readonly cluster?: PinnedCluster;
  /** Those of its worker, where it has some: decided before anything was created. */
  readonly defaults?: readonly TeamDefault[];
  readonly submission?: Submission;
  /** A try of the submission failed, or was lost, and may still create the driver. */
  readonly unsettled?: Unsettled;
  /** RFC 3339; when the driver container started, as far as that was seen while it ran. */
  readonly startedAt?: string;
  /** The same by the workflow's clock, in milliseconds since the epoch; absent where it was not reported. */
  readonly runsSince?: number;
  /** Why the driver does not start, or cannot be seen. */
  readonly problem?: ReportedProblem;
  /** What the driver does, as last reported. */
  readonly report?: DriverProgressReport;
  readonly ending?: Ending;
}

export interface PinnedCluster {
  readonly name: string;
  /** A previous driver may still be on it: no other cluster is eligible. */
  readonly isPinned: boolean;
}

export interface Unsettled {
  /** Milliseconds since the epoch; when the workflow knew of the failure. */
  readonly since: number;
  /** Milliseconds from then in which the driver may appear, if the worker reported it. */
  readonly forMs?: number;
}

/** The submission of the driver. */
export interface Submission extends Omit<SubmittedDriver, 'driverPodName' | 'sparkApplicationId' | 'lateForMs'> {
  /** RFC 3339 */
  readonly at: string;
}

/** The end of the attempt. */
export interface Ending {
  /** Without a driver it has a reason and a message only. */
  readonly outcome: Partial<FinalOutcome>;
  /** RFC 3339 */
  readonly finishedAt: string;
  /** Absent where it did not fail, and where a request interrupted it. */
  readonly failureClass?: FailureClass;
  /** The same. */
  readonly failure?: FailureCause;
  /** Its driver may still exist, because its end was not observed. */
  readonly mayLeaveDriver: boolean;
}

/** @param cluster on which an earlier attempt may have left its driver */
export function newAttempt(
  { manifest, ...known }: Pick<AttemptRecord, 'number' | 'identity'> & { readonly manifest: SparkApplicationManifest },
  cluster?: string,
): AttemptRecord {
  const pinned = cluster === undefined ? {} : { cluster: { name: cluster, isPinned: true } };
  return { ...known, serviceAccount: driverServiceAccount(manifest), needsFinalize: true, ...pinned };
}

const isReadable = (given: unknown): given is readonly TeamDefault[] =>
  Array.isArray(given) && given.every((each) => Array.isArray(asRecord(each)['path']));

/** With what is decided before its driver is created, as far as this version can read it. */
export function planned(record: AttemptRecord, { cluster, defaults: answered }: AttemptPlan): AttemptRecord {
  const defaults = isReadable(answered) ? answered : undefined;
  const serviceAccount = defaults?.find(({ path }) => path.join('.') === 'spec.driver.serviceAccount')?.value;
  return {
    ...record,
    ...present({ defaults, serviceAccount: asText(serviceAccount) }),
    ...(cluster === undefined ? {} : { cluster: { name: cluster, isPinned: false } }),
  };
}

export function submitted(record: AttemptRecord, driver: SubmittedDriver): AttemptRecord {
  const { driverPodUid, placement, submitter, shadow, sparkUi, ui } = driver;
  const submission = { at: now(), driverPodUid, ...present({ placement, submitter, shadow, sparkUi, ui }) };
  return { ...record, submission };
}

/** With what a submission reported; of several reports, that counts which ends last. */
export function withUnsettled(
  record: AttemptRecord,
  unsettled: Unsettled | undefined,
  timings: ApplicationTimings,
): AttemptRecord {
  if (unsettled === undefined) return record;
  const latest = { ...record, unsettled };
  const endsFirst = unsettledMs(latest, timings) < unsettledMs(record, timings);
  // Runs that began before this counted the latest.
  return endsFirst && patched('longest-lateness') ? record : latest;
}

export function started(
  record: AttemptRecord,
  { startedAt = now(), ranForMs }: { readonly startedAt?: string; readonly ranForMs?: number },
): AttemptRecord {
  const { problem: _over, ...rest } = record;
  const runsSince = ranForMs === undefined ? undefined : Date.now() - ranForMs;
  return { ...rest, startedAt, ...present({ runsSince }) };
}

/** Its driver's end is known. */
export function ended(record: AttemptRecord, outcome: FinalOutcome): AttemptRecord {
  const { problem, report: _last, ...rest } = record;
  const startedAt = outcome.startedAt ?? record.startedAt;
  return {
    ...rest,
    // What kept it from starting; its own outcome only has how it was deleted.
    ...(startedAt === undefined ? present({ problem }) : {}),
    ...present({ startedAt }),
    ending: {
      outcome,
      finishedAt: outcome.finishedAt ?? now(),
      ...(outcome.succeeded ? {} : { failureClass: failureClass(outcome), failure: causeOf(outcome) }),
      // Histories of previous versions have the reason only.
      mayLeaveDriver: outcome.unconfirmed ?? outcome.reason === DriverReason.NodeLost,
    },
  };
}

/** Milliseconds until no try of its submission can create the driver any more. */
export function unsettledMs(
  { unsettled }: AttemptRecord,
  { heartbeatTimeoutMs, lateCreationMs }: ApplicationTimings,
): number {
  if (unsettled === undefined) return 0;
  const { since, forMs = heartbeatTimeoutMs + lateCreationMs } = unsettled;
  return Math.max(0, since + forMs - Date.now());
}

/** A request ended it: that does not count as a failure. */
export function interrupted(record: AttemptRecord): AttemptRecord {
  if (record.ending === undefined) return record;
  const { failureClass: _none, failure: _neither, ...ending } = record.ending;
  return { ...record, ending };
}

/** No driver is known to exist. */
export function submissionFailed(
  record: AttemptRecord,
  { reason, message, mayLeaveDriver }: { reason: string; message: string; mayLeaveDriver: boolean },
): AttemptRecord {
  return {
    ...record,
    needsFinalize: false,
    ending: { outcome: { reason, message }, finishedAt: now(), failure: causeOf({ reason, message }), mayLeaveDriver },
  };
}

/** The cluster that the next attempt is pinned to; undefined where no driver can be left on this one. */
export function clusterForNext({ cluster, submission, ending }: AttemptRecord): string | undefined {
  const isUnproven = ending?.mayLeaveDriver === true || (cluster?.isPinned === true && submission === undefined);
  return isUnproven ? cluster?.name : undefined;
}

/** A manifest that was replaced in place may have changed it. */
export function changedTimeToLive(
  { spec: { timeToLiveSeconds } }: SparkApplicationManifest,
  { identity }: AttemptRecord,
): Pick<FinalizeInput, 'timeToLiveSeconds'> {
  const before = identity.annotations[Annotation.TimeToLiveSeconds];
  const wanted = asScalar(timeToLiveSeconds);
  return wanted?.toString() === before ? {} : { timeToLiveSeconds: wanted ?? null };
}

/** The workflow's clock: the time of its last task, the same in every replay. */
export function now(): string {
  return new Date().toISOString();
}
