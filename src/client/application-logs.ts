import type { Client, WorkflowHandle } from '@temporalio/client';
import type { KubernetesClient } from '../kubernetes/index.ts';
import type { ArchiveStore, FindLogOptions, FoundLog, LoggedContainer, LogSources, LogTarget } from '../logs/index.ts';
import { describeQueue, type SparkApplicationResult, type SparkApplicationStatus } from '../protocol/index.ts';
import { present } from '../validation/present.ts';
import { describeApplication } from './describe-application.ts';

export interface ApplicationLogsOptions {
  /** For the logs of pods that exist; called with the name of a cluster where there are several. @default not asked */
  readonly kubernetes?: KubernetesClient | ((cluster: string | undefined) => Promise<KubernetesClient>);
  /** The archive of the workers (`openLogArchive` of `temporal-spark/logs`). @default not asked */
  readonly archive?: ArchiveStore;
  /** Counted from 1. @default the last one */
  readonly attempt?: number;
}

export const LogsErrorType = {
  /** No attempt has begun, or its driver does not run yet. */
  NotStarted: 'NotStarted',
  /** The application has made no attempt of that number. */
  NoSuchAttempt: 'NoSuchAttempt',
  /** No worker answered what the application does. */
  NoAnswer: 'NoAnswer',
} as const;
export type LogsErrorType = (typeof LogsErrorType)[keyof typeof LogsErrorType];

/** There are no logs to look for, and why. */
export class LogsError extends Error {
  override readonly name = 'LogsError';
  readonly type: LogsErrorType;

  constructor(type: LogsErrorType, message: string) {
    super(message);
    this.type = type;
  }
}

/** The logs of one attempt. */
export interface ApplicationLogs {
  /** Counted from 1. */
  readonly attempt: number;
  /** @throws LogNotFoundError where no source has it */
  driver(options?: FindLogOptions): Promise<FoundLog>;
  /** @param id as Spark counts them, from 1 @throws LogNotFoundError where no source has it */
  executor(id: string, options?: FindLogOptions): Promise<FoundLog>;
  /** IDs of the executors whose pods exist, or whose logs are archived. */
  executors(): Promise<string[]>;
}

/** What the workflow knows of its attempts: its status, or its result where no worker answers. */
type Known = Pick<SparkApplicationStatus, 'namespace' | 'name' | 'attempts' | 'attemptHistory'> &
  Partial<Pick<SparkApplicationStatus, 'state' | 'queue' | 'problem' | 'cluster' | 'submissionId' | 'driverPodName'>> &
  Partial<Pick<SparkApplicationResult, 'logTail'>>;

/** @throws LogsError where there is nothing to look for */
export async function applicationLogs(
  client: Client,
  workflow: WorkflowHandle,
  { kubernetes, archive, attempt: wanted }: ApplicationLogsOptions = {},
): Promise<ApplicationLogs> {
  const { raw } = await workflow.describe();
  const known = await knownOf(client, workflow);
  const { namespace, name, attempts, cluster } = known;
  const attempt = wanted ?? attempts;
  const isQueued = attempt === attempts && known.queue !== undefined;
  if (attempts === 0 || isQueued) throw new LogsError(LogsErrorType.NotStarted, notStarted(known));
  if (attempt > attempts || attempt < 1) {
    const made = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
    throw new LogsError(
      LogsErrorType.NoSuchAttempt,
      `${namespace}/${name} has made ${made}; there is no attempt ${attempt}.`,
    );
  }
  const target: LogTarget = {
    ...{ namespace, name, attempt },
    run: raw.workflowExecutionInfo?.firstRunId ?? workflow.workflowId,
    ...driverOf(known, attempt),
    ...(attempt === attempts ? present({ recorded: known.logTail }) : {}),
  };
  const connect = typeof kubernetes === 'function' ? () => kubernetes(cluster) : async () => kubernetes!;
  const sources: LogSources = present({ kubernetes: kubernetes && connect, archive });
  // What reads logs is loaded with the first one.
  const { findExecutors, findLog } = await import('../logs/index.ts');
  const find = (container: LoggedContainer, options?: FindLogOptions) => findLog(target, container, sources, options);
  return {
    attempt,
    driver: async (options) => find('driver', options),
    executor: async (executor, options) => find({ executor }, options),
    executors: async () => findExecutors(target, sources),
  };
}

async function knownOf(client: Client, workflow: WorkflowHandle): Promise<Known> {
  const { status, result, state, failure, closeTime } = await describeApplication(client, workflow);
  if (status !== undefined) return { ...status, ...present({ logTail: result?.logTail }) };
  if (closeTime !== undefined) {
    const why = [failure?.type, failure?.message].filter(Boolean).join(': ');
    throw new LogsError(
      LogsErrorType.NotStarted,
      `${workflow.workflowId} recorded no attempt: it is ${state}${why === '' ? '' : `, ${why}`}`,
    );
  }
  throw new LogsError(
    LogsErrorType.NoAnswer,
    `No worker answered what ${workflow.workflowId} does, so its pods are unknown. Start a worker (temporal-spark worker), ` +
      'or find the driver with kubectl get pods -l spark-role=driver.',
  );
}

function driverOf({ attempts, attemptHistory, ...last }: Known, attempt: number): Pick<LogTarget, 'driver'> {
  const podName = last.driverPodName;
  const past = attemptHistory.find((summary) => summary.attempt === attempt);
  const submissionId = attempt === attempts ? last.submissionId : past?.submissionId;
  return podName && submissionId ? { driver: { podName, submissionId } } : {};
}

function notStarted({ namespace, name, state, queue, problem }: Known): string {
  const subject = `${namespace}/${name}`;
  if (queue !== undefined) return `${subject} has no driver yet: it waits for admission, ${describeQueue(queue)}.`;
  const why = problem === undefined ? '' : `: ${[problem.reason, problem.message].filter(Boolean).join(': ')}`;
  return `${subject} has no driver: it is ${state ?? 'not started'}${why}. See temporal-spark describe ${subject}.`;
}
