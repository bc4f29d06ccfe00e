/**
 * What Airflow makes of a status: the rules of apache-airflow-providers-cncf-kubernetes, restated. A client that was
 * written for the operator must come to the same decision in each of our states.
 */
import { expect, it } from 'vitest';
import { operatorStatus } from '../../../src/mirror/index.ts';
import { ApplicationState, type MirroredStatus } from '../../../src/protocol/index.ts';
import { asRecord, asText } from '../../../src/validation/unknown-data.ts';

/** `CustomObjectLauncher.spark_job_not_running`, which SparkKubernetesOperator polls until the driver runs. */
function launcher(status: unknown): 'waits' | 'reads the pod' | 'fails' {
  const { state = 'SUBMITTED' } = asRecord(asRecord(status)['applicationState']);
  if (state === 'FAILED') return 'fails';
  return state === 'SUBMITTED' ? 'waits' : 'reads the pod';
}

/** `SparkKubernetesSensor.poke`. */
function sensor(status: unknown): 'waits' | 'succeeds' | 'fails' {
  const state = asText(asRecord(asRecord(status)['applicationState'])['state']);
  if (state === 'FAILED' || state === 'UNKNOWN') return 'fails';
  return state === 'COMPLETED' ? 'succeeds' : 'waits';
}

const mirror: MirroredStatus = {
  ...{ namespace: 'etl', name: 'pi', uid: 'uid', state: ApplicationState.Running, submissions: 1, executions: 1 },
  attempt: {
    ...{ submissionId: 'id', sparkApplicationId: 'spark-id', driverPodName: 'pi-driver', submitted: true },
    begunAt: '2026-11-30T12:00:00.000Z',
  },
};

const S = ApplicationState;
const decisions = {
  [S.Submitted]: ['waits', 'waits'],
  [S.Running]: ['reads the pod', 'waits'],
  [S.Succeeding]: ['reads the pod', 'waits'],
  [S.Failing]: ['reads the pod', 'waits'],
  [S.SubmissionFailed]: ['reads the pod', 'waits'],
  [S.PendingRerun]: ['reads the pod', 'waits'],
  [S.Invalidating]: ['reads the pod', 'waits'],
  [S.Suspending]: ['reads the pod', 'waits'],
  [S.Suspended]: ['reads the pod', 'waits'],
  [S.Resuming]: ['reads the pod', 'waits'],
  // The sensor takes it for an end, also with the operator; docs/from-airflow.md states that.
  [S.Unknown]: ['reads the pod', 'fails'],
  [S.Completed]: ['reads the pod', 'succeeds'],
  [S.Failed]: ['fails', 'fails'],
  [S.Cancelled]: ['fails', 'fails'],
} satisfies Record<Exclude<ApplicationState, 'NEW' | 'QUEUED'>, [string, string]>;

it.each(Object.entries(decisions) as [ApplicationState, [string, string]][])(
  'Airflow decides as with the operator while an application is %s',
  (state, expected) => {
    const status = operatorStatus({ ...mirror, state });
    expect([launcher(status), sensor(status)]).toEqual(expected);
    // The sensor reads the log of this pod, the operator of Airflow that of `<name>-driver`.
    expect(status.driverInfo.podName).toBe('pi-driver');
  },
);

it('Airflow waits before the first submission, when there is no status', () => {
  expect([launcher(undefined), sensor(undefined)]).toEqual(['waits', 'waits']);
});
