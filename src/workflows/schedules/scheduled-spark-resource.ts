import {
  ActivityCancellationType,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  proxyActivities,
} from '@temporalio/workflow';
import type { ScheduledSparkApplication, SparkApplicationManifest } from '../../manifest/index.ts';
import {
  FailureType,
  RunEnd,
  type CreateRunInput,
  type ScheduleReference,
  type SparkActivities,
} from '../../protocol/index.ts';
import { DEFAULT_TIMINGS } from '../../timings/index.ts';
import { asRecord, isRecord } from '../../validation/unknown-data.ts';
import { dueApplication } from './due-application.ts';
import { renderRun } from './render-scheduled-application.ts';

type RunActivities = Pick<SparkActivities, 'createScheduledRun' | 'waitForScheduledRun' | 'deleteScheduledRun'>;

const retry = { initialInterval: DEFAULT_TIMINGS.retryMs, maximumInterval: DEFAULT_TIMINGS.retryAtMostMs };
const { createScheduledRun, deleteScheduledRun } = proxyActivities<RunActivities>({
  startToCloseTimeout: '1 minute',
  // What it creates must be known before it can be deleted.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry,
});
const { waitForScheduledRun } = proxyActivities<RunActivities>({
  startToCloseTimeout: '30 days',
  heartbeatTimeout: DEFAULT_TIMINGS.heartbeatTimeoutMs,
  // It only observes.
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry,
});

/** The workflow's result. */
export interface ScheduledRunResult {
  readonly name: string;
  readonly state: RunEnd;
}

/**
 * One run of a `ScheduledSparkApplication` resource: creates its `SparkApplication`, named after the time it was due,
 * and lasts as long as that runs, so that the overlap policy of the Temporal Schedule is that of the resource. When it
 * is cancelled the `SparkApplication` is deleted, and its driver with it.
 *
 * @throws ApplicationFailure `ScheduledRunFailed` where the `SparkApplication` failed, `ScheduledRunNameInUse`
 */
export async function scheduledSparkResource(
  manifest: ScheduledSparkApplication,
  reference: ScheduleReference,
): Promise<ScheduledRunResult> {
  const { uid } = asRecord(reference);
  if (typeof uid !== 'string' || !isRecord(manifest)) {
    throw ApplicationFailure.nonRetryable(
      'The arguments must be a ScheduledSparkApplication manifest as JSON and {"uid": UID of its resource}; only the operator starts this workflow.',
      FailureType.InvalidArgument,
    );
  }
  const due = dueApplication(manifest, renderRun);
  const { namespace = 'default', name = '' } = due.metadata;
  try {
    const state = await runOf(due, { name: manifest.metadata.name, uid });
    if (state !== RunEnd.Failed) return { name, state };
  } catch (error) {
    if (isCancellation(error)) {
      const run = { namespace, name, scheduleUid: uid };
      await CancellationScope.nonCancellable(() => deleteScheduledRun.executeWithOptions({ summary: name }, [run]));
    }
    throw error;
  }
  throw ApplicationFailure.nonRetryable(
    `SparkApplication ${namespace}/${name} failed; its status has the cause.`,
    FailureType.ScheduledRunFailed,
  );
}

async function runOf(manifest: SparkApplicationManifest, schedule: CreateRunInput['schedule']): Promise<RunEnd> {
  const { name: summary = '' } = manifest.metadata;
  const run = await createScheduledRun.executeWithOptions({ summary }, [{ manifest, schedule }]);
  return run === undefined ? RunEnd.Deleted : waitForScheduledRun.executeWithOptions({ summary }, [run]);
}
