import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { Label } from '../../src/spark/metadata.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf } from '../support/environment.ts';
import { RUN_FOREVER } from '../support/manifests.ts';
import { errorOf, useOperator } from '../support/operator-fixture.ts';

const cluster = useCluster('operator', { worker: {} });
const { pi, driverOf, runningDriver } = cluster;
const operator = useOperator(cluster);
const { apply, edit, remove, inState, statesOf } = operator;

beforeAll(() => operator.start());

const workflowIdOf = (name: string) => `spark/${cluster.env.namespace}/${name}`;
const describeWorkflow = (name: string) => cluster.env.client.workflow.getHandle(workflowIdOf(name)).describe();

/** Types of the activities of a history, in their order. */
async function activitiesOf(name: string): Promise<(string | null | undefined)[]> {
  const { events = [] } = await cluster.env.client.workflow.getHandle(workflowIdOf(name)).fetchHistory();
  return events!.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? []);
}

const withSpec = (
  manifest: SparkApplicationManifest,
  spec: Partial<SparkApplicationManifest['spec']>,
): SparkApplicationManifest => ({ ...manifest, spec: { ...manifest.spec, ...spec } });

describe('a SparkApplication that is applied', () => {
  it('runs as a workflow, and its status shows each state once it is recorded', async () => {
    await apply(pi('plain'));
    const { status } = await inState('plain', 'COMPLETED');
    // A driver that ends quickly is recorded as ended at once.
    const waits = (await activitiesOf('plain')).filter((activity) => activity === 'waitForSparkDriver');
    expect(statesOf('plain')).toEqual(['SUBMITTED', ...(waits.length > 1 ? ['RUNNING'] : []), 'COMPLETED']);
    const { submissionId, sparkApplicationId, finishedAt } = await cluster.env.spark.result(workflowIdOf('plain'));
    expect(status).toEqual({
      applicationState: { state: 'COMPLETED' },
      driverInfo: { podName: 'plain-driver' },
      executionAttempts: 1,
      submissionAttempts: 1,
      submissionID: submissionId,
      sparkApplicationId,
      lastSubmissionAttemptTime: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      terminationTime: finishedAt,
    });
    const driver = await driverOf('plain');
    expect(driver!.metadata!.ownerReferences).toEqual([
      expect.objectContaining({ kind: 'SparkApplication', name: 'plain', controller: true, blockOwnerDeletion: true }),
    ]);
  });

  it('needs no activity that one of the SDK does not need', async () => {
    await apply(pi('applied'));
    await inState('applied', 'COMPLETED');
    await eventually('the workflow to end', async () => (await describeWorkflow('applied')).closeTime);
    const needed = ['submitSparkApplication', 'waitForSparkDriver', 'finalizeSparkApplication'];
    expect(new Set(await activitiesOf('applied'))).toEqual(new Set(needed));
  });

  it("fails with the operator's words first, then the cause", async () => {
    await apply(pi('fails', { 'lab.temporal-spark/exit-code': '3' }));
    const failed = await inState('fails', 'FAILED');
    expect(errorOf(failed)).toMatch(/^driver container failed with ExitCode: 3, Reason: Error/);
    expect(failed.status!['terminationTime']).not.toBeNull();
  });

  it('counts attempts as the operator does, and waits as PENDING_RERUN between them', async () => {
    const manifest = pi('again', { 'lab.temporal-spark/exit-code': '1' });
    const restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 } as const;
    await apply(withSpec(manifest, { restartPolicy }));
    const { status } = await inState('again', 'FAILED');
    expect(status).toMatchObject({ executionAttempts: 2, submissionAttempts: 2 });
    expect(statesOf('again')).toEqual(expect.arrayContaining(['SUBMITTED', 'FAILING', 'PENDING_RERUN', 'FAILED']));
  });

  it('that is invalid fails with every problem in its message, and is not started again', async () => {
    const manifest = withSpec(pi('invalid'), { nodeSelector: { a: 'b' }, timeToLiveSeconds: 60 });
    manifest.spec.driver.nodeSelector = { a: 'b' };
    manifest.spec.driver.memory = '512 potatoes';
    await apply(manifest);
    const failed = await inState('invalid', 'FAILED');
    expect(errorOf(failed)).toMatch(/^failed to run spark-submit: InvalidManifest: .*nodeSelector/s);
    expect(errorOf(failed)).toContain('spec.driver.memory');
  });

  it('that a workflow cannot begin with fails with the reason', async () => {
    const manifest = pi('unreadable');
    manifest.metadata.annotations = { 'temporal-spark/restart-max-interval': 'soon' };
    await apply(manifest);
    expect(errorOf(await inState('unreadable', 'FAILED'))).toContain('temporal-spark/restart-max-interval');
  });
});

describe('an edit of a SparkApplication', () => {
  it('of suspend stops the driver, and submits it again', async () => {
    await apply(pi('paused', RUN_FOREVER));
    await inState('paused', 'RUNNING');
    await edit('paused', { suspend: true });
    await inState('paused', 'SUSPENDED');
    await eventually('the driver to go', async () => (await driverOf('paused')) === undefined);
    await edit('paused', { suspend: false });
    await inState('paused', 'RUNNING');
    expect(statesOf('paused')).toEqual([
      ...['SUBMITTED', 'RUNNING', 'SUSPENDING', 'SUSPENDED'],
      ...['RESUMING', 'SUBMITTED', 'RUNNING'],
    ]);
    await remove('paused');
  });

  it('is suspended before it runs where it is applied so', async () => {
    await apply(withSpec(pi('later'), { suspend: true }));
    await inState('later', 'SUSPENDED');
    await edit('later', { suspend: false });
    await inState('later', 'COMPLETED');
  });

  it('of other fields replaces the driver', async () => {
    await apply(pi('edited', RUN_FOREVER));
    const before = await runningDriver('edited');
    await inState('edited', 'RUNNING');
    await edit('edited', { arguments: ['3'], driver: { annotations: { 'lab.temporal-spark/run-seconds': '0' } } });
    const { status } = await inState('edited', 'COMPLETED');
    expect(status).toMatchObject({ executionAttempts: 1, submissionAttempts: 1 });
    expect((await driverOf('edited'))!.metadata!.uid).not.toBe(before.metadata!.uid);
    expect(statesOf('edited')).toContain('INVALIDATING');
  });

  it('runs one that has ended again; an edit of its time to live does not', async () => {
    await apply(pi('ended'));
    const first = await inState('ended', 'COMPLETED');
    await eventually('the workflow to end', async () => (await describeWorkflow('ended')).closeTime);
    await edit('ended', { timeToLiveSeconds: 3600 });
    await edit('ended', { arguments: ['5'] });
    const again = await eventually('another attempt', async () => {
      const object = await inState('ended', 'COMPLETED');
      return object.status!['submissionID'] !== first.status!['submissionID'] && object;
    });
    expect(again.status).toMatchObject({ executionAttempts: 1 });
    expect(cluster.drivers.attemptsOf('ended')).toHaveLength(2);
  });

  it('of its time to live deletes one that has ended long enough ago', async () => {
    await apply(pi('expired'));
    await inState('expired', 'COMPLETED');
    await edit('expired', { timeToLiveSeconds: 0 });
    await eventually('the resource to go', async () => (await operator.get('expired')) === undefined);
    await eventually('the driver to go', async () => (await driverOf('expired')) === undefined);
  });

  it('that is invalid leaves the driver alone, and is reported by an Event', async () => {
    await apply(pi('kept', RUN_FOREVER));
    const before = await runningDriver('kept');
    await inState('kept', 'RUNNING');
    await edit('kept', { driver: { memory: 'much' } });
    await eventually('an Event', () => eventAbout('kept', 'SparkApplicationSpecUpdateFailed'));
    expect((await driverOf('kept'))!.metadata!.uid).toBe(before.metadata!.uid);
    await remove('kept');
  });
});

describe('a deleted SparkApplication', () => {
  it.each(['Background', 'Foreground'] as const)('has its driver stopped: %s', async (policy) => {
    const name = `deleted-${policy.toLowerCase()}`;
    await apply(pi(name, RUN_FOREVER));
    await inState(name, 'RUNNING');
    await remove(name, policy);
    const { result, message } = await failureOf(cluster.env.spark.result(workflowIdOf(name)));
    expect(result).toMatchObject({ state: 'CANCELLED' });
    expect(message).toContain('its SparkApplication was deleted');
    await eventually('the driver to go', async () => (await driverOf(name)) === undefined);
    await eventually('the resource to go', async () => (await operator.get(name)) === undefined);
  });

  it('leaves its driver with --cascade=orphan, and its workflow with it', async () => {
    await apply(pi('orphan', RUN_FOREVER));
    const before = await runningDriver('orphan');
    await inState('orphan', 'RUNNING');
    await remove('orphan', 'Orphan');
    await eventually('the resource to go', async () => (await operator.get('orphan')) === undefined);
    expect(await driverOf('orphan')).toMatchObject({ metadata: { uid: before.metadata!.uid } });
    expect((await driverOf('orphan'))!.metadata!.deletionTimestamp).toBeUndefined();
    expect((await describeWorkflow('orphan')).status.name).toBe('RUNNING');
    await cluster.env.spark.kill(workflowIdOf('orphan'));
  });

  it('gives its name at once to another', async () => {
    await apply(pi('reused', RUN_FOREVER));
    const before = await runningDriver('reused');
    await inState('reused', 'RUNNING');
    const { runId } = await describeWorkflow('reused');
    await remove('reused');
    await eventually('the name to be free', () => apply(pi('reused')), { intervalMs: 10 });
    await inState('reused', 'COMPLETED');
    expect((await driverOf('reused'))!.metadata!.uid).not.toBe(before.metadata!.uid);
    expect(cluster.drivers.attemptsOf('reused')).toHaveLength(2);
    // However often it is asked for while the driver stops.
    const { events } = await cluster.env.client.workflow.getHandle(workflowIdOf('reused'), runId).fetchHistory();
    expect(events!.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toHaveLength(1);
  });
});

describe('a name that another run has', () => {
  it('waits for the end of one that was started without a resource, and an Event states that', async () => {
    const started = await cluster.env.spark.start(pi('taken', RUN_FOREVER));
    await runningDriver('taken');
    await apply(pi('taken'));
    await eventually('an Event', () => eventAbout('taken', 'NameInUse'));
    await started.kill();
    await inState('taken', 'COMPLETED');
  });
});

async function eventAbout(name: string, reason: string): Promise<true | undefined> {
  const fieldSelector = `involvedObject.name=${name},reason=${reason}`;
  for await (const page of cluster.env.kubernetes.list(Resources.events, cluster.env.namespace, { fieldSelector })) {
    if (page.length > 0) return true;
  }
  return undefined;
}

it('labels drivers as the operator does', async () => {
  expect((await driverOf('plain'))!.metadata!.labels).toMatchObject({ [Label.AppName]: 'plain' });
});
