import { expect, it } from 'vitest';
import { cli } from '../support/cli.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { withDriverRest } from '../support/driver-rest.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER } from '../support/manifests.ts';
import { FAST } from '../support/timings.ts';

const cluster = useCluster('progress');
const { pi } = cluster;

const reports = async (workflowId: string) => {
  const { events } = await cluster.env.client.workflow.getHandle(workflowId).fetchHistory();
  return events!.filter(
    ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === 'driverProgress',
  ).length;
};

it('describe shows the progress of a driver at once, the workflow at intervals', async () => {
  const { env } = cluster;
  const kubernetes = withDriverRest(env.kubernetes);
  // Long after the first of it is in the heartbeat.
  const timings = { ...FAST, progressReportMs: 10_000 };
  await withWorker({ ...env, kubernetes, timings }, async () => {
    const application = await env.spark.start(pi('slow', RUN_FOREVER));
    const id = application.workflowId;
    const watched = cli(['describe', id, '--watch'], { env: { TEMPORAL_ADDRESS: env.temporalAddress } });
    const live = await eventually('progress in the heartbeat', async () => (await env.spark.driver(id))?.progress);
    expect(live).toMatchObject({
      jobs: 1,
      stages: { completed: 1, running: 1, total: 2 },
      tasks: { running: 4, total: 300 },
      runningStages: [{ id: 4, name: 'count at Report.scala:12', total: 200 }],
    });
    // No history is spent on it.
    expect(await reports(id)).toBe(0);
    const before = Number((await env.client.workflow.getHandle(id).describe()).historyLength);

    const { status } = await eventually('progress in the status', async () => {
      const description = await application.describe();
      return description.status?.progress !== undefined && description;
    });
    expect(status!.progress).toMatchObject({ jobs: 1 });
    expect(status!.executors).toBeDefined();
    expect(await reports(id)).toBe(1);
    const after = Number((await env.client.workflow.getHandle(id).describe()).historyLength);
    expect(after - before).toBe(4);

    await application.kill();
    const { result } = await failureOf(application.result());
    expect(result).toMatchObject({ state: 'CANCELLED' });
    expect(result).not.toHaveProperty('progress');
    const { stdout, code } = await watched;
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /Progress +1 job, stages 1 of 2, tasks 1\d\d of 300; stage 4 count at Report\.scala:12: \d+ of 200/,
    );
    expect(stdout.match(/^State .*$/gm)!.at(-1)).toMatch(/State +CANCELLED/);
  });
});
