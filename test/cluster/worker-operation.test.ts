import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../lab/ports.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER } from '../support/manifests.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

const cluster = useCluster('operation');

async function get(port: number, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

describe('a worker process in operation', () => {
  it('answers probes with what it finds, is called by its canary, and serves its metrics', async () => {
    const metrics = await freePort();
    const worker = await startWorkerProcess({
      ...cluster.env,
      env: {
        TEMPORAL_SPARK_METRICS_ADDRESS: `127.0.0.1:${metrics}`,
      },
    });
    const canaryOf = async () => {
      const query = `WorkflowType = 'workerCanary' AND TaskQueue = '${cluster.env.taskQueue}'`;
      for await (const execution of cluster.env.client.workflow.list({ query })) return execution;
      return undefined;
    };
    try {
      const ready = await get(worker.healthPort, '/readyz');
      expect(ready).toEqual({
        status: 200,
        text: JSON.stringify({ ok: true, checks: { polling: 'ok', temporal: 'ok', kubernetes: 'ok' } }),
      });
      expect(await get(worker.healthPort, '/livez')).toMatchObject({
        status: 200,
        text: expect.stringContaining('s old') as string,
      });
      const canary = await eventually('the canary', canaryOf);
      const beat = await eventually('a beat', async () => {
        const { events } = await cluster.env.client.workflow.getHandle(canary.workflowId).fetchHistory();
        return events?.find(({ activityTaskCompletedEventAttributes: completed }) => completed);
      });
      expect(beat).toBeDefined();
      expect((await get(metrics, '/metrics')).text).toMatch(/^temporal_\w+.*task_queue="/m);
    } finally {
      expect(await worker.end('SIGTERM')).toEqual({ code: 0, signal: null });
    }
    await eventually(
      'the canary to end with its process',
      async () => (await canaryOf())?.status.name === 'TERMINATED',
    );
  });
});

describe('a rollout of versioned workers', () => {
  it('runs old and new side by side, each checked by its own canary, and moves applications on with the current one', async () => {
    const { env } = cluster;
    const deploymentName = `rollout-${env.taskQueue}`;
    const start = (buildId: string) =>
      startWorkerProcess({
        ...env,
        env: { TEMPORAL_SPARK_BUILD_ID: buildId, TEMPORAL_SPARK_DEPLOYMENT_NAME: deploymentName },
      });
    const makeCurrent = (buildId: string) =>
      eventually(`${buildId} to be known`, async () => {
        const { workflowService, options } = env.client;
        const request = { namespace: options.namespace, deploymentName, buildId, identity: 'test' };
        return workflowService.setWorkerDeploymentCurrentVersion(request);
      });
    /** Of the workers that ran a workflow, up to the first activity that was done. */
    const versionsOf = async (workflowId: string) => {
      const { events = [] } = await env.client.workflow.getHandle(workflowId).fetchHistory();
      const versions = events!.flatMap(
        ({ workflowTaskCompletedEventAttributes: done }) => done?.deploymentVersion?.buildId ?? [],
      );
      return { versions, beats: events!.filter((event) => event.activityTaskCompletedEventAttributes).length };
    };
    const canaryOf = ({ pid }: WorkerProcess, version: string) =>
      eventually(`a beat of the canary of ${version}`, async () => {
        const { versions, beats } = await versionsOf(`temporal-spark-canary/${hostname()}-${pid}`);
        return beats > 0 && versions;
      });
    const first = await start('v1');
    // Nothing is current yet, and this worker is well all the same.
    expect(new Set(await canaryOf(first, 'v1'))).toEqual(new Set(['v1']));
    await makeCurrent('v1');
    const application = await env.spark.start(cluster.pi('rolled', RUN_FOREVER));
    await cluster.runningDriver('rolled');
    const second = await start('v2');
    expect(new Set(await canaryOf(second, 'v2'))).toEqual(new Set(['v2']));
    await makeCurrent('v2');
    await first.end('SIGTERM');
    try {
      await application.kill();
      expect(await failureOf(application.result())).toBeDefined();
      const { versions } = await versionsOf(application.workflowId);
      expect([versions.at(0), versions.at(-1)]).toEqual(['v1', 'v2']);
    } finally {
      await second.end('SIGTERM');
    }
  });
});
