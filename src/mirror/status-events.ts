import { aboutObject, Resources, type ObjectEvent } from '../kubernetes/index.ts';
import { ApplicationState, type MirroredStatus } from '../protocol/index.ts';
import { operatorStatus } from './operator-status.ts';

type Report = Pick<ObjectEvent, 'type' | 'reason' | 'message' | 'once'>;

const normal = (reason: string, message: string): Report => ({ type: 'Normal', reason, message });
const warning = (reason: string, message: string): Report => ({ type: 'Warning', reason, message });

/** Of one whose first submission failed; after others, that of the submission states it. */
const added = (application: string): Report => ({
  ...normal('SparkApplicationAdded', `${application} was added, enqueuing it for submission`),
  once: true,
});

/**
 * The operator's Events for a status that was written, in its words. Pure.
 *
 * As the operator's, a plain run has three: what another Event states at the same moment is not repeated, because each is a
 * call to the API server.
 */
export function statusEvents(mirror: MirroredStatus): readonly ObjectEvent[] {
  const about = aboutObject(Resources.sparkApplications, mirror);
  return reportsOf(mirror).map((report) => ({ about, ...report, by: 'worker' }));
}

function reportsOf(mirror: MirroredStatus): readonly Report[] {
  const { state, name, attempt, after, submissions } = mirror;
  const application = `SparkApplication ${name}`;
  const driver = `Driver ${attempt?.driverPodName ?? ''}`;
  const { errorMessage = '' } = operatorStatus(mirror).applicationState;
  const because = errorMessage === '' ? '' : `: ${errorMessage}`;
  const driverEnded = (succeeded: boolean): readonly Report[] => {
    const isReport = after?.state === ApplicationState.Succeeding || after?.state === ApplicationState.Failing;
    if (attempt?.submitted !== true || attempt.ending === undefined || isReport) return [];
    return [
      succeeded
        ? normal('SparkDriverCompleted', `${driver} completed`)
        : warning('SparkDriverFailed', `${driver} failed`),
    ];
  };
  switch (state) {
    case ApplicationState.Submitted:
      return [normal('SparkApplicationSubmitted', `${application} was submitted successfully`)];
    case ApplicationState.SubmissionFailed:
      return [
        ...(submissions === 1 ? [added(application)] : []),
        warning('SparkApplicationSubmissionFailed', `failed to submit ${application}${because}`),
      ];
    case ApplicationState.Running:
      return [normal('SparkDriverRunning', `${driver} is running`)];
    case ApplicationState.Unknown:
      return [warning('SparkDriverUnknown', `${driver} in unknown state`)];
    case ApplicationState.Succeeding:
      return driverEnded(true);
    case ApplicationState.Failing:
      return driverEnded(false);
    case ApplicationState.PendingRerun:
      return [warning('SparkApplicationPendingRerun', `${application} is pending rerun`)];
    case ApplicationState.Completed:
      return driverEnded(true);
    case ApplicationState.Failed:
      return [...driverEnded(false), warning('SparkApplicationFailed', `${application} failed${because}`)];
    case ApplicationState.Cancelled:
      return [warning('SparkApplicationFailed', `${application} was cancelled${because}`)];
    case ApplicationState.Suspending:
      return [normal('SparkApplicationSuspending', `${application} is suspending`)];
    case ApplicationState.Suspended:
      return [normal('SparkApplicationSuspended', `${application} is suspended`)];
    case ApplicationState.Resuming:
      return [normal('SparkApplicationResuming', `${application} is resuming`)];
    case ApplicationState.New:
    case ApplicationState.Queued:
    case ApplicationState.Invalidating:
      return [];
    default:
      return state satisfies never;
  }
}
