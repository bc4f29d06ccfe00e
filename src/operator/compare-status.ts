import type { KubernetesClient } from '../kubernetes/index.ts';
import { writeStatus, type StatusWrite } from '../mirror/index.ts';
import {
  ApplicationState,
  type MirroredAttempt,
  type MirroredStatus,
  type SparkApplicationStatus,
} from '../protocol/index.ts';
import { present } from '../validation/present.ts';
import { asRecord, asText } from '../validation/unknown-data.ts';
import type { SparkApplicationResource } from './resource.ts';

/** What a workflow reports, or has left: a status, a result, or only a state and a message. */
export type Reported = Partial<SparkApplicationStatus> & Pick<SparkApplicationStatus, 'state'>;

/**
 * Writes what a workflow reports to the status of its resource, where that has something older.
 *
 * @throws KubernetesError
 */
export function writeReported(
  kubernetes: KubernetesClient,
  resource: SparkApplicationResource,
  reported: Reported,
  startedAt: Date,
): Promise<StatusWrite> {
  const { namespace, name, uid, object } = resource;
  const { state, message, served } = reported;
  const { executionAttempts = 0, submissionAttempts = 0, submissionID } = asRecord(object.status);
  const reportedAttempt = attemptOf(reported, resource, startedAt);
  const attempt = reportedAttempt ?? attemptBefore(resource);
  // A workflow of a previous version counts all attempts, a status those since the last edit.
  const isAnother = attempt !== undefined && attempt.submissionId !== submissionID;
  const mirror: MirroredStatus = {
    ...{ namespace, name, uid, state },
    submissions: served?.submissions ?? Number(submissionAttempts) + (isAnother ? 1 : 0),
    executions: served?.executions ?? Number(executionAttempts) + (isAnother && attempt.submitted ? 1 : 0),
    since: startedAt.toISOString(),
    ...present({ attempt, message: reportedAttempt === undefined ? message : undefined }),
  };
  return writeStatus(kubernetes, mirror);
}

function attemptOf(
  reported: Reported,
  { object }: SparkApplicationResource,
  startedAt: Date,
): MirroredAttempt | undefined {
  const { state, submissionId = '', sparkApplicationId = '', driverPodName = '', served } = reported;
  const { submittedAt, finishedAt, exitCode, reason, message } = reported;
  if (submissionId === '') return undefined;
  const { submissionID, lastSubmissionAttemptTime } = asRecord(object.status);
  const begunBefore = submissionID === submissionId ? asText(lastSubmissionAttemptTime) : undefined;
  return {
    ...{ submissionId, sparkApplicationId, driverPodName },
    // Another time would make what the workflow writes itself newer, or older.
    begunAt: served?.begunAt ?? begunBefore ?? submittedAt ?? startedAt.toISOString(),
    submitted: submittedAt !== undefined,
    ...(finishedAt === undefined
      ? {}
      : {
          ending: {
            ...{ finishedAt, succeeded: state === ApplicationState.Completed },
            ...present({ exitCode, reason, message }),
          },
        }),
  };
}

/** The attempt that the status has, for a workflow that left nothing: it was terminated, or could not begin. */
function attemptBefore({ object }: SparkApplicationResource): MirroredAttempt | undefined {
  const { submissionID, lastSubmissionAttemptTime, sparkApplicationId, driverInfo } = asRecord(object.status);
  const [submissionId, begunAt] = [asText(submissionID), asText(lastSubmissionAttemptTime)];
  if (submissionId === undefined || begunAt === undefined) return undefined;
  const driverPodName = asText(asRecord(driverInfo)['podName']) ?? '';
  return {
    ...{ submissionId, begunAt, driverPodName },
    sparkApplicationId: asText(sparkApplicationId) ?? '',
    submitted: sparkApplicationId !== undefined,
  };
}
