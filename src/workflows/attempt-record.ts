import type { FinalOutcome, ReportedProblem, SubmittedDriver } from '../activities/index.ts';
import type { FailureClass } from '../manifest/run-settings.ts';
import type { SubmissionIdentity } from '../spark/submission.ts';
import type { AttemptSummary, SparkApplicationStatus } from './definitions/index.ts';
import { failureClass } from './failure-class.ts';

type AttemptFacts = Required<Pick<SparkApplicationStatus, 'submissionId' | 'sparkApplicationId' | 'driverPodName'>> &
  Pick<
    SparkApplicationStatus,
    | 'submitter'
    | 'placement'
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
  startedAt: string | undefined;
  finishedAt: string | undefined;
  problem: ReportedProblem | undefined;
  outcome: Partial<FinalOutcome> | undefined;
  failureClass: FailureClass | undefined;

  constructor(number: number, identity: SubmissionIdentity) {
    this.number = number;
    this.identity = identity;
  }

  submitted({ placement, submitter }: SubmittedDriver): void {
    this.submittedAt = now();
    this.placement = placement;
    this.submitter = submitter;
  }

  runs(startedAt: string = now()): void {
    this.startedAt = startedAt;
    this.problem = undefined;
  }

  ended(outcome: FinalOutcome): void {
    this.outcome = outcome;
    this.problem = undefined;
    this.startedAt = outcome.startedAt ?? this.startedAt;
    this.finishedAt = outcome.finishedAt ?? now();
    this.failureClass = outcome.succeeded ? undefined : failureClass(outcome);
  }

  submissionFailed(reason: string, message: string): void {
    this.outcome = { reason, message };
    this.finishedAt = now();
    this.held = false;
  }

  facts(): AttemptFacts {
    const { identity, outcome = {} } = this;
    return {
      submissionId: identity.submissionId,
      sparkApplicationId: identity.sparkApplicationId,
      driverPodName: identity.driverPodName,
      ...defined({
        submitter: this.submitter,
        placement: this.placement,
        exitCode: outcome.exitCode,
        reason: outcome.reason,
        message: outcome.message,
        failureClass: this.failureClass,
        executors: outcome.executors,
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
