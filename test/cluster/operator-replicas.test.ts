import { describe, expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { Runs } from '../../src/operator/runs.ts';
import { readSparkApplication, manifestOf, referenceTo } from '../../src/operator/resource.ts';
import { PatchType, Resources } from '../../src/kubernetes/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf } from '../support/environment.ts';
import { RUN_FOREVER } from '../support/manifests.ts';
import { useOperator, useSchedules } from '../support/operator-fixture.ts';

const cluster = useCluster('replicas', { worker: {} });
const { pi, driverOf, runningDriver } = cluster;
const operator = useOperator(cluster);
const { apply, edit, remove, inState } = operator;
const schedules = useSchedules(cluster);

const workflowIdOf = (name: string) => `spark/${cluster.env.namespace}/${name}`;
const workflowOf = (name: string) => cluster.env.client.workflow.getHandle(workflowIdOf(name));
const isClosed = (name: string) => async () => (await workflowOf(name).describe()).closeTime;

describe('a repeated start of a resource', () => {
  it('gets the run that exists, while it is open and once it is closed', async () => {
    const resource = readSparkApplication(await apply(pi('once')));
    const runs = new Runs(cluster.env.client, cluster.env.taskQueue);
    const start = (requestId: string) =>
      runs.start({ manifest: manifestOf(resource), resource: referenceTo(resource), requestId });
    expect(await start('first')).toBe(true);
    const { runId } = await workflowOf('once').describe();
    expect(await start('first')).toBe(true);
    expect((await workflowOf('once').describe()).runId).toBe(runId);
    expect(await start('other')).toBe(false);
    await eventually('the workflow to end', isClosed('once'));
    expect(await start('first')).toBe(true);
    expect((await workflowOf('once').describe()).runId).toBe(runId);
    await remove('once');
  });
});

describe('several replicas', () => {
  it('make one run of each resource, and one update of each edit', async () => {
    const replicas = await Promise.all([operator.start(), operator.start(), operator.start()]);
    await Promise.all(['a', 'b', 'c'].map((name) => apply(pi(name, RUN_FOREVER))));
    for (const name of ['a', 'b', 'c']) await inState(name, 'RUNNING');
    for (const name of ['a', 'b', 'c']) expect(cluster.drivers.attemptsOf(name)).toHaveLength(1);
    await edit('a', { arguments: ['9'] });
    await eventually('another driver', () => cluster.drivers.attemptsOf('a').length === 2);
    await inState('a', 'RUNNING');
    const { events } = await workflowOf('a').fetchHistory();
    expect(events!.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toHaveLength(1);
    await Promise.all(replicas.map((replica) => replica.stop()));
    for (const name of ['a', 'b', 'c']) await cluster.env.spark.kill(workflowIdOf(name));
  });
});

describe('what happened while no replica ran', () => {
  it('is found when one starts: a new resource, an edit, a deletion', async () => {
    const before = await operator.start();
    await apply(pi('missed-edit', RUN_FOREVER));
    await apply(pi('missed-deletion', RUN_FOREVER));
    await inState('missed-edit', 'RUNNING');
    await inState('missed-deletion', 'RUNNING');
    await before.stop();
    const driver = await runningDriver('missed-edit');
    await apply(pi('missed-start'));
    await edit('missed-edit', { arguments: ['4'], driver: { annotations: { 'lab.temporal-spark/run-seconds': '0' } } });
    await remove('missed-deletion');
    await eventually('the resource to go', async () => (await operator.get('missed-deletion')) === undefined);
    const after = await operator.start();
    await inState('missed-start', 'COMPLETED');
    await inState('missed-edit', 'COMPLETED');
    expect((await driverOf('missed-edit'))!.metadata!.uid).not.toBe(driver.metadata!.uid);
    const { result } = await failureOf(cluster.env.spark.result(workflowIdOf('missed-deletion')));
    expect(['CANCELLED', 'FAILED']).toContain(result!.state);
    await eventually('the driver to go', async () => (await driverOf('missed-deletion')) === undefined);
    await after.stop();
  });

  it('is found for schedules, too, whose runs are created meanwhile', async () => {
    const before = await operator.start();
    for (const name of ['late-edit', 'late-deletion']) await schedules.apply(name, { schedule: '0 0 1 1 *' });
    const isScheduled = (status: Readonly<Record<string, unknown>>) => status['scheduleState'] === 'Scheduled';
    for (const name of ['late-edit', 'late-deletion']) await schedules.until(name, isScheduled);
    await before.stop();
    const { client, kubernetes, namespace, spark } = cluster.env;
    await spark.schedules.trigger(workflowIdOf('late-edit'));
    const [run] = await eventually('a run', async () => {
      const found = await schedules.runsOf('late-edit');
      return found.length > 0 && found;
    });
    expect(run!.status).toBeUndefined();
    await schedules.edit('late-edit', { schedule: '0 0 2 1 *' });
    await schedules.remove('late-deletion');
    await eventually('the resource to go', async () => {
      const kind = Resources.scheduledSparkApplications;
      return (await kubernetes.get(kind, namespace, 'late-deletion')) === undefined;
    });
    const after = await operator.start();
    await inState(run!.metadata!.name!, 'COMPLETED');
    await schedules.until('late-edit', ({ nextRun }) => String(nextRun).includes('-01-02T'));
    const deleted = client.schedule.getHandle(workflowIdOf('late-deletion'));
    await eventually('the schedule to go', async () =>
      deleted.describe().then(
        () => false,
        () => true,
      ),
    );
    await spark.schedules.delete(workflowIdOf('late-edit'));
    await after.stop();
  });

  /** Runs an application to its end, and replaces its status. @returns the status that it had */
  async function ended(name: string, lost: object | null) {
    const before = await operator.start();
    await apply(pi(name));
    await inState(name, 'COMPLETED');
    await eventually('the workflow to end', isClosed(name));
    await before.stop();
    const { status } = (await operator.get(name))!;
    const { kubernetes, namespace } = cluster.env;
    await kubernetes.patch(Resources.sparkApplicationStatuses, namespace, name, PatchType.Merge, { status: lost });
    return status;
  }

  it('includes a status that was not written', async () => {
    const status = await ended('unwritten', { applicationState: { state: 'RUNNING' }, terminationTime: null });
    const after = await operator.start();
    expect((await inState('unwritten', 'COMPLETED')).status).toEqual(status);
    expect(cluster.drivers.attemptsOf('unwritten')).toHaveLength(1);
    await after.stop();
  });

  it('includes the status of a run that has ended without any', async () => {
    await ended('without-status', null);
    const after = await operator.start();
    await inState('without-status', 'COMPLETED');
    expect(cluster.drivers.attemptsOf('without-status')).toHaveLength(1);
    await after.stop();
  });
});

describe('a resource whose run Temporal has lost', () => {
  /** Runs an application, and then loses its workflow as a Temporal server does whose database is lost. */
  async function lost(name: string) {
    const before = await operator.start();
    await apply(pi(name, RUN_FOREVER));
    await inState(name, 'RUNNING');
    const driver = await runningDriver(name);
    await before.stop();
    const { client } = cluster.env;
    const { namespace } = client.options;
    const workflowExecution = { workflowId: workflowIdOf(name) };
    await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
    await eventually('the workflow to go', () =>
      workflowOf(name)
        .describe()
        .then(
          () => false,
          () => true,
        ),
    );
    return driver;
  }

  it('shows the end of its driver, and is not run again', async () => {
    const { metadata } = await lost('lost');
    const after = await operator.start();
    const { kubernetes, namespace } = cluster.env;
    const fieldSelector = 'involvedObject.name=lost,reason=WorkflowLost';
    await eventually('an Event', async () => {
      for await (const page of kubernetes.list(Resources.events, namespace, { fieldSelector }))
        if (page.length > 0) return true;
      return false;
    });
    await inState('lost', 'RUNNING');
    await kubernetes.delete(Resources.pods, namespace, 'lost-driver', { uid: metadata!.uid! });
    const { status } = await inState('lost', 'FAILED');
    expect(JSON.stringify(status)).toContain('Temporal has no record of its workflow');
    expect(status).toMatchObject({ submissionAttempts: 1, executionAttempts: 1 });
    expect(cluster.drivers.attemptsOf('lost')).toHaveLength(1);
    await after.stop();
  });
});

describe('a resource that is not selected', () => {
  it('is not served, and its workflow is left alone once it is not selected any more', async () => {
    const replica = await operator.start({ selector: 'served-by=temporal-spark' });
    const labelled = pi('selected', RUN_FOREVER);
    labelled.metadata.labels = { 'served-by': 'temporal-spark' };
    await apply(pi('other'));
    await apply(labelled);
    await inState('selected', 'RUNNING');
    const { kubernetes, namespace } = cluster.env;
    const patch = { metadata: { labels: { 'served-by': null } } };
    await kubernetes.patch(Resources.sparkApplications, namespace, 'selected', PatchType.Merge, patch);
    // The replica sees this one after that change.
    await apply({ ...labelled, metadata: { ...labelled.metadata, name: 'selected-later' } });
    await inState('selected-later', 'RUNNING');
    await replica.stop();
    const { events } = await workflowOf('selected').fetchHistory();
    expect(events!.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toEqual([]);
    expect((await workflowOf('selected').describe()).status.name).toBe('RUNNING');
    expect((await operator.get('other'))!.status).toBeUndefined();
    for (const name of ['selected', 'selected-later']) await cluster.env.spark.kill(workflowIdOf(name));
  });
});
