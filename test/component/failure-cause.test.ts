import { afterEach, describe, expect, it } from 'vitest';
import {
  CauseKind,
  type FailureCause,
  type FinalOutcome,
  type SparkApplicationResult,
} from '../../src/protocol/index.ts';
import {
  application,
  ends,
  isFinalized,
  isRefused,
  isStopped,
  neverWas,
  outcomeOf,
  runningApplication,
  startApplication,
  statusOf,
} from '../support/stepped-application.ts';
import { completes, type SteppedWorkflow } from '../support/stepped-workflow.ts';

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

const failure: FailureCause = {
  cause: 'java.net.UnknownHostException: metastore',
  frames: ['com.acme.etl.Orders.main(Orders.java:16)'],
  kind: CauseKind.UnknownHost,
};
const outcome: FinalOutcome = { ...outcomeOf(1), failure, message: 'WARNING: Using incubator modules' };
const fails = completes('waitForSparkDriver', { state: 'ENDED', outcome });

async function failedApplication(): Promise<void> {
  workflow = await runningApplication();
  await workflow.task(fails);
  await workflow.task(isFinalized);
}

const end = () =>
  workflow.end as { readonly error: { readonly message: string; readonly details: readonly unknown[] } };
const resultIn = () => end().error.details[0] as SparkApplicationResult;

describe('the cause of a failed driver', () => {
  it('is the first fact of the failure, and in the result and the status', async () => {
    await failedApplication();
    expect(end().error.message).toBe(
      'Spark application default/stepped failed: java.net.UnknownHostException: metastore (exit code 1, Error)',
    );
    expect(resultIn()).toMatchObject({ failure });
    expect(await statusOf(workflow)).toMatchObject({ failure, attemptHistory: [{ cause: failure.cause }] });
  });

  it("is in the second row of the details in Temporal's UI, followed by its remedy", async () => {
    await failedApplication();
    const { currentDetails } = await workflow.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    const rows = currentDetails.split('\n').slice(2, 5);
    expect(rows[0]).toBe('| State | **FAILED** |');
    expect(rows[1]!.replaceAll('`\u200b`', '')).toBe('| Cause | `java.net.UnknownHostException: metastore` |');
    expect(rows[2]).toContain('| What to do | Check the host name.');
  });

  it('is what Kubernetes reports, where the driver left none', async () => {
    workflow = await runningApplication();
    await workflow.task(ends(3));
    await workflow.task(isFinalized);
    expect(end().error.message).toBe('Spark application default/stepped failed: exit code 3, Error');
    expect(resultIn().failure).toEqual({ cause: 'exit code 3, Error', frames: [] });
  });

  it.each([
    ['cut in half by the limit', '😀'.repeat(300)],
    ['cut in half by the limit, one further', `x${'😀'.repeat(300)}`],
    ['halved already', 'x\ud83d'],
  ])('ends the workflow where a character of it is %s', async (_, message) => {
    workflow = await runningApplication();
    await workflow.task(completes('waitForSparkDriver', { state: 'ENDED', outcome: { ...outcomeOf(3), message } }));
    await workflow.task(isFinalized);
    expect(end().error.message).toMatch(
      /^Spark application default\/stepped failed: exit code 3, Error, x?(?:😀|\ufffd)/,
    );
  });

  it('is the deadline that the driver was stopped for, not the stop', async () => {
    workflow = await runningApplication();
    const problem = { reason: 'RunningDeadlineExceeded', message: 'It ran for more than 1 h.' };
    await workflow.task(completes('waitForSparkDriver', { state: 'GIVEN_UP', problem }));
    const terminated = { cause: 'The driver was terminated by SIGTERM.', frames: [], kind: CauseKind.Terminated };
    await workflow.task(
      completes('stopSparkDriver', { outcome: { ...outcomeOf(143), deleted: true, failure: terminated } }),
    );
    await workflow.task(isFinalized);
    expect(resultIn().failure).toEqual({
      cause: 'exit code 143, RunningDeadlineExceeded, It ran for more than 1 h.',
      frames: [],
    });
  });

  it('is the refusal, where no driver was created', async () => {
    workflow = await startApplication();
    await workflow.task(isRefused('Forbidden'));
    await workflow.task(neverWas);
    expect(resultIn().failure!.cause).toMatch(/^Forbidden, /);
  });

  it('is kept of each attempt that failed, and not of one that a request ended', async () => {
    workflow = await runningApplication(
      application({ restartPolicy: { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 } }),
    );
    await workflow.task(fails);
    await workflow.task(isFinalized);
    expect(await statusOf(workflow)).toMatchObject({ failure, attemptHistory: [{ cause: failure.cause }] });
    await workflow.dispose();

    workflow = await runningApplication();
    await workflow.request('suspend');
    await workflow.task(isStopped);
    await workflow.task(isFinalized);
    const status = await statusOf(workflow);
    expect(status).toMatchObject({ state: 'SUSPENDED', exitCode: 143 });
    expect(status).not.toHaveProperty('failure');
    expect(status.attemptHistory[0]).not.toHaveProperty('cause');
  });
});
