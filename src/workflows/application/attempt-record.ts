import type { FailureClass } from '../../manifest/run-settings.ts';
import {
  DriverReason,
  type AttemptSummary,
  type DriverProgressReport,
  type FinalOutcome,
  type ReportedProblem,
  type SparkApplicationStatus,
  type SubmissionIdentity,
  type SubmittedDriver,
} from '../../protocol/index.ts';
import { failureClass } from './failure-class.ts';

type AttemptFacts = Required<Pick<SparkApplicationStatus, 'submissionId' | 'sparkApplicationId' | 'driverPodName'>> &
  Pick<
    SparkApplicationStatus,
    | 'submitter'
    | 'sparkUi'
    | 'cluster'
    | 'placement'
    | 'shadow'
    | 'exitCode'
    | 'reason'
    | 'message'
    | 'failureClass'
    | 'executors'
    | 'submittedAt'
    | 'startedAt'
    | 'finishedAt'
  >;

const SUMMARY_MESSAGE_LIMIT = 300;

/** What is known of one attempt. */
export class AttemptRecord {
  readonly number: number;
  readonly identity: SubmissionIdentity;
  /** A driver may exist that our finalizer holds. */
  held = true;
  submittedAt: string | undefined;
  placement: SubmittedDriver['placement'];
  submitter: string | undefined;
  shadow: SubmittedDriver['shadow'];
  sparkUi: string | undefined;
  /** Where there are several: known before anything is created there. */
  cluster: string | undefined;
  /** An earlier driver may still be on that cluster: no other will do. */
  isBound = false;
  /** Its own driver may still be there, for nobody saw it go. */
  mayRemain = false;
  startedAt: string | undefined;
  finishedAt: string | undefined;
  problem: ReportedProblem | undefined;
  /** What its driver does, as last told. */
  report: DriverProgressReport | undefined;
  outcome: Partial<FinalOutcome> | undefined;
  failureClass: FailureClass | undefined;

  constructor(number: number, identity: SubmissionIdentity) {
    this.number = number;
    this.identity = identity;
  }

  submitted({ placement, submitter, shadow, sparkUi }: SubmittedDriver): void {
    this.submittedAt = now();
    this.placement = placement;
    this.submitter = submitter;
    this.shadow = shadow;
    this.sparkUi = sparkUi;
  }

  runs(startedAt: string = now()): void {
    this.startedAt = startedAt;
    this.problem = undefined;
  }

  ended(outcome: FinalOutcome): void {
    this.mayRemain = outcome.reason === DriverReason.NodeLost;
    this.outcome = outcome;
    this.problem = undefined;
    this.report = undefined;
    this.startedAt = outcome.startedAt ?? this.startedAt;
    this.finishedAt = outcome.finishedAt ?? now();
    this.failureClass = outcome.succeeded ? undefined : failureClass(outcome);
  }

  submissionFailed(reason: string, message: string): void {
    this.outcome = { reason, message };
    this.finishedAt = now();
    this.held = false;
  }

  /** The cluster that the next attempt is bound to; undefined where nothing can be left on this one. */
  get leftOn(): string | undefined {
    const isUnproven = this.mayRemain || (this.isBound && this.submittedAt === undefined);
    return isUnproven ? this.cluster : undefined;
  }

  facts(): AttemptFacts {
    const { identity, outcome = {} } = this;
    return {
      submissionId: identity.submissionId,
      sparkApplicationId: identity.sparkApplicationId,
      driverPodName: identity.driverPodName,
      ...defined({
        submitter: this.submitter,
        // It goes with the driver.
        sparkUi: this.finishedAt === undefined ? this.sparkUi : undefined,
        cluster: this.cluster,
        placement: this.placement,
        shadow: this.shadow,
        exitCode: outcome.exitCode,
        reason: outcome.reason,
        message: outcome.message,
        failureClass: this.failureClass,
        executors: outcome.executors ?? this.report?.executors,
        submittedAt: this.submittedAt,
        startedAt: this.startedAt,
        finishedAt: this.finishedAt,
      }),
    };
  }

  summary(state: AttemptSummary['state']): AttemptSummary {
    const {
      submissionId,
      sparkApplicationId: _,
      driverPodName: _name,
      executors: _executors,
      placement: _placement,
      shadow: _shadow,
      ...facts
    } = this.facts();
    return {
      attempt: this.number,
      submissionId,
      state,
      ...facts,
      ...defined({ message: shortened(facts.message) }),
      finishedAt: this.finishedAt ?? now(),
    };
  }
}

function shortened(message: string | undefined): string | undefined {
  return message === undefined || message.length <= SUMMARY_MESSAGE_LIMIT
    ? message
    : `${message.slice(0, SUMMARY_MESSAGE_LIMIT - 1)}…`;
}

/** The workflow's clock: the time of its last task, the same in every replay. */
export function now(): string {
  return new Date().toISOString();
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

export function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
