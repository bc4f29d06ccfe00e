import { expect, it } from 'vitest';
import { statusEvents } from '../../../src/mirror/index.ts';
import { ApplicationState as State, type MirroredAttempt, type MirroredStatus } from '../../../src/protocol/index.ts';

const attempt: MirroredAttempt = {
  ...{ submissionId: 's', sparkApplicationId: 'spark-1', driverPodName: 'pi-driver' },
  ...{ begunAt: '2026-11-30T03:00:00.000Z', submitted: true },
};
const succeeded = { ...attempt, ending: { finishedAt: '2026-11-30T03:01:00Z', succeeded: true, exitCode: 0 } };
const failed = {
  ...attempt,
  ending: { finishedAt: '2026-11-30T03:01:00Z', succeeded: false, exitCode: 3, reason: 'Error' },
};
const refused = {
  ...attempt,
  submitted: false,
  ending: { finishedAt: '2026-11-30T03:01:00Z', succeeded: false, reason: 'Forbidden', message: 'no' },
};
const WHY = 'driver container failed with ExitCode: 3, Reason: Error';

it.each<[string, Partial<MirroredStatus> & Pick<MirroredStatus, 'state'>, string[]]>([
  ['before the first submission', { state: State.New }, []],
  ['in a queue', { state: State.Queued }, []],
  [
    'submitted',
    { state: State.Submitted, attempt },
    ['Normal SparkApplicationSubmitted SparkApplication pi was submitted successfully'],
  ],
  ['whose driver runs', { state: State.Running, attempt }, ['Normal SparkDriverRunning Driver pi-driver is running']],
  [
    'completed',
    { state: State.Completed, attempt: succeeded, after: { state: State.Running } },
    ['Normal SparkDriverCompleted Driver pi-driver completed'],
  ],
  [
    'that failed',
    { state: State.Failed, attempt: failed, after: { state: State.Running } },
    [
      'Warning SparkDriverFailed Driver pi-driver failed',
      `Warning SparkApplicationFailed SparkApplication pi failed: ${WHY}`,
    ],
  ],
  [
    'that failed after its driver was reported',
    { state: State.Failed, attempt: failed, after: { state: State.Failing } },
    [`Warning SparkApplicationFailed SparkApplication pi failed: ${WHY}`],
  ],
  [
    'between two attempts',
    { state: State.Failing, attempt: failed },
    ['Warning SparkDriverFailed Driver pi-driver failed'],
  ],
  [
    'that waits for the next attempt',
    { state: State.PendingRerun, attempt: failed },
    ['Warning SparkApplicationPendingRerun SparkApplication pi is pending rerun'],
  ],
  [
    'whose first submission failed',
    { state: State.SubmissionFailed, attempt: refused },
    [
      'Normal SparkApplicationAdded SparkApplication pi was added, enqueuing it for submission',
      'Warning SparkApplicationSubmissionFailed failed to submit SparkApplication pi: failed to run spark-submit: Forbidden: no',
    ],
  ],
  [
    'whose second submission failed',
    { state: State.SubmissionFailed, attempt: refused, submissions: 2 },
    [
      'Warning SparkApplicationSubmissionFailed failed to submit SparkApplication pi: failed to run spark-submit: Forbidden: no',
    ],
  ],
  [
    'that was cancelled',
    { state: State.Cancelled, message: 'by hand' },
    ['Warning SparkApplicationFailed SparkApplication pi was cancelled: by hand'],
  ],
])('an application %s has the Events of the operator', (_, fields, expected) => {
  const base = { namespace: 'etl', name: 'pi', uid: 'uid', submissions: 1, executions: 1 };
  const events = statusEvents({ ...base, ...fields });
  expect(events.map(({ type, reason, message }) => `${type} ${reason} ${message}`)).toEqual(expected);
  for (const { about } of events) expect(about).toMatchObject({ kind: 'SparkApplication', name: 'pi', uid: 'uid' });
});
