import type { ApplicationFailureOptions } from '@temporalio/common';
import { ApplicationFailure } from '@temporalio/workflow';
import {
  SPARK_APPLICATION_FAILED,
  type ApplicationState,
  type AttemptSummary,
  type QueueStatus,
  type ServedStatus,
  type SparkApplicationResult,
  type SparkApplicationStatus,
} from '../../protocol/index.ts';
import { now, type AttemptRecord, type Ending } from './attempt-record.ts';
import { shortened } from './cause-of.ts';
import { present } from '../../validation/present.ts';

const SUMMARY_LIMIT = 300;

/** The visible data of an application. */
export interface ApplicationView {
  readonly namespace: string;
  readonly name: string;
  readonly state: ApplicationState;
  /** Attempts begun. */
  readonly attempts: number;
  readonly attemptHistory: readonly AttemptSummary[];
  readonly attempt: AttemptRecord | undefined;
  readonly stopping: SparkApplicationStatus['stopping'];
  readonly killReason: string | undefined;
  readonly queue: QueueStatus | undefined;
  readonly nextAttemptAt: string | undefined;
  readonly served: ServedStatus | undefined;
}

export function statusOf(view: ApplicationView): SparkApplicationStatus {
  const { state, namespace, name, attempts, attemptHistory, attempt, stopping, killReason } = view;
  const { queue, nextAttemptAt, served } = view;
  return {
    state,
    namespace,
    name,
    attempts,
    attemptHistory,
    ...(attempt && factsOf(attempt)),
    ...present({
      stopping,
      killReason,
      problem: problemOf(attempt),
      progress: attempt?.report?.progress,
      queue,
      nextAttemptAt,
      served,
    }),
  };
}

function problemOf(attempt: AttemptRecord | undefined): SparkApplicationStatus['problem'] {
  if (attempt?.problem === undefined) return undefined;
  const { reason, message } = attempt.problem;
  return { reason, ...present({ message }) };
}

/** What a result has, too. */
export type Ended = Pick<
  ApplicationView,
  'namespace' | 'name' | 'attempts' | 'attemptHistory' | 'attempt' | 'killReason' | 'served'
>;

export function resultOf(
  { namespace, name, attempts, attemptHistory, attempt, killReason, served }: Ended,
  state: SparkApplicationResult['state'],
): SparkApplicationResult {
  return {
    state,
    namespace,
    name,
    attempts,
    ...(attempts > 1 ? { attemptHistory } : {}),
    ...(attempt === undefined ? { submissionId: '', sparkApplicationId: '', driverPodName: '' } : factsOf(attempt)),
    ...present({ killReason, problem: problemOf(attempt), logTail: attempt?.ending?.outcome.logTail, served }),
    finishedAt: attempt?.ending?.finishedAt ?? now(),
  };
}

/** One line about an attempt that is over. */
export function summaryOf(attempt: AttemptRecord, state: AttemptSummary['state']): AttemptSummary {
  const {
    sparkApplicationId: _id,
    driverPodName: _name,
    executors: _,
    logArchive: _a,
    placement: _p,
    defaults: _d,
    shadow: _s,
    failure,
    message,
    ...facts
  } = factsOf(attempt);
  return {
    attempt: attempt.number,
    state,
    ...facts,
    ...present(reportOf(message, failure?.cause)),
    finishedAt: attempt.ending?.finishedAt ?? now(),
  };
}

/** The cause first: both together are carried from run to run, for 20 attempts. */
function reportOf(message = '', failure = ''): { message: string | undefined; cause: string | undefined } {
  const cause = shortened(failure, SUMMARY_LIMIT);
  const left = SUMMARY_LIMIT - cause.length;
  return { message: shortened(message, left) || undefined, cause: cause || undefined };
}

/** The failure of the workflow whose application failed. */
export function failed(
  result: SparkApplicationResult,
  attempt: AttemptRecord | undefined,
  cause?: Error,
): ApplicationFailure {
  return applicationFailed(result, `failed: ${whyItFailed(attempt?.ending)}`, present({ cause }));
}

/** The cause first, then how the driver ended, if the cause does not name that. */
function whyItFailed({ outcome, failure }: Partial<Ending> = {}): string {
  if (outcome?.failure === undefined) return failure?.cause ?? '';
  const { cause } = outcome.failure;
  const { exitCode, reason } = outcome;
  const ended = [exitCode === undefined ? undefined : `exit code ${exitCode}`, reason];
  const more = ended.filter((fact) => fact !== undefined && !cause.includes(fact));
  return more.length === 0 ? cause : `${cause} (${more.join(', ')})`;
}

/** The failure of the workflow whose application was killed. */
export function killed(result: SparkApplicationResult, reason?: string): ApplicationFailure {
  // Temporal ends a workflow as cancelled only after a cancel; an end that was asked for is counted as no failure.
  return applicationFailed(result, `was killed${reason ? `: ${reason}` : '.'}`, { category: 'BENIGN' });
}

function applicationFailed(
  result: SparkApplicationResult,
  what: string,
  more: Pick<ApplicationFailureOptions, 'cause' | 'category'>,
): ApplicationFailure {
  return ApplicationFailure.create({
    // Half a character of someone's text would block the workflow for ever.
    message: `Spark application ${result.namespace}/${result.name} ${what}`.toWellFormed(),
    type: SPARK_APPLICATION_FAILED,
    nonRetryable: true,
    details: [result],
    ...more,
  });
}

type AttemptFacts = Required<Pick<SparkApplicationStatus, 'submissionId' | 'sparkApplicationId' | 'driverPodName'>> &
  Pick<
    SparkApplicationStatus,
    | 'submitter'
    | 'sparkUi'
    | 'cluster'
    | 'placement'
    | 'defaults'
    | 'shadow'
    | 'exitCode'
    | 'reason'
    | 'message'
    | 'failureClass'
    | 'failure'
    | 'executors'
    | 'logArchive'
    | 'submittedAt'
    | 'startedAt'
    | 'finishedAt'
  >;

function factsOf({ identity, cluster, defaults, submission, startedAt, report, ending }: AttemptRecord): AttemptFacts {
  const { exitCode, reason, message, executors, logArchive } = ending?.outcome ?? {};
  return {
    submissionId: identity.submissionId,
    sparkApplicationId: identity.sparkApplicationId,
    driverPodName: identity.driverPodName,
    ...present({
      submitter: submission?.submitter,
      // It is deleted with the driver.
      sparkUi: ending === undefined ? submission?.sparkUi : undefined,
      cluster: cluster?.name,
      placement: submission?.placement,
      defaults,
      shadow: submission?.shadow,
      exitCode,
      reason,
      message,
      failureClass: ending?.failureClass,
      failure: ending?.failure,
      executors: executors ?? report?.executors,
      logArchive,
      submittedAt: submission?.at,
      startedAt,
      finishedAt: ending?.finishedAt,
    }),
  };
}
