import type { Client, WorkflowHandle } from '@temporalio/client';
import type { KubernetesClient } from '../kubernetes/index.ts';
import type { ArchiveStore, FindLogOptions, FoundLog, LoggedContainer, LogSources, LogTarget } from '../logs/index.ts';
import type { SparkApplicationStatus } from '../protocol/index.ts';
import { present } from '../validation/present.ts';
import { absentDriver } from './absent-driver.ts';
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

/** @throws LogsError where there is nothing to look for */
export async function applicationLogs(
  client: Client,
  workflow: WorkflowHandle,
  { kubernetes, archive, attempt: wanted }: ApplicationLogsOptions = {},
): Promise<ApplicationLogs> {
  const { raw } = await workflow.describe();
  const description = await describeApplication(client, workflow);
  const absent = absentDriver(description);
  const { status, result } = description;
  const isPast = status !== undefined && wanted !== undefined && wanted < status.attempts;
  if (status === undefined || (absent !== undefined && !isPast)) throw new LogsError(absent!.type, absent!.message);
  const { namespace, name, attempts, cluster } = status;
  const attempt = wanted ?? attempts;
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
    ...driverOf(status, attempt),
    ...(attempt === attempts ? present({ recorded: result?.logTail }) : {}),
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

function driverOf(
  { attempts, attemptHistory, ...last }: SparkApplicationStatus,
  attempt: number,
): Pick<LogTarget, 'driver'> {
  const podName = last.driverPodName;
  const past = attemptHistory.find((summary) => summary.attempt === attempt);
  const submissionId = attempt === attempts ? last.submissionId : past?.submissionId;
  return podName && submissionId ? { driver: { podName, submissionId } } : {};
}
