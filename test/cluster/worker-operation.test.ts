import { describe, expect, it } from 'vitest';
import { freePorts } from '../../lab/ports.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { eventually } from '../support/eventually.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const cluster = useCluster('operation');

async function get(port: number, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

describe('a worker process in operation', () => {
  it('answers probes with what it finds, is called by its canary, and shows its metrics', async () => {
    const [health, metrics] = await freePorts(2);
    const worker = await startWorkerProcess({
      ...cluster.env,
      env: {
        TEMPORAL_SPARK_HEALTH_ADDRESS: `127.0.0.1:${health}`,
        TEMPORAL_SPARK_METRICS_ADDRESS: `127.0.0.1:${metrics}`,
      },
    });
    const canaryOf = async () => {
      const query = `WorkflowType = 'workerCanary' AND TaskQueue = '${cluster.env.taskQueue}'`;
      for await (const execution of cluster.env.client.workflow.list({ query })) return execution;
      return undefined;
    };
    try {
      const ready = await get(health!, '/readyz');
      expect(ready).toEqual({
        status: 200,
        text: JSON.stringify({ ok: true, checks: { polling: 'ok', temporal: 'ok', kubernetes: 'ok' } }),
      });
      expect(await get(health!, '/livez')).toMatchObject({
        status: 200,
        text: expect.stringContaining('s old') as string,
      });
      const canary = await eventually('the canary', canaryOf);
      const beat = await eventually('a beat', async () => {
        const { events } = await cluster.env.client.workflow.getHandle(canary.workflowId).fetchHistory();
        return events?.find(({ activityTaskCompletedEventAttributes: completed }) => completed);
      });
      expect(beat).toBeDefined();
      expect((await get(metrics!, '/metrics')).text).toMatch(/^temporal_\w+.*task_queue="/m);
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
  it('moves a running application to the version that is made current', async () => {
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
    const first = await start('v1');
    await makeCurrent('v1');
    const application = await env.spark.start(cluster.pi('rolled', { 'lab.temporal-spark/run-seconds': '8' }));
    await cluster.runningDriver('rolled');
    await first.end('SIGTERM');
    const second = await start('v2');
    try {
      await makeCurrent('v2');
      expect(await application.result()).toMatchObject({ state: 'COMPLETED', attempts: 1 });
      const { events } = await env.client.workflow.getHandle(application.workflowId).fetchHistory();
      const versions = events?.flatMap(
        ({ workflowTaskCompletedEventAttributes: done }) => done?.deploymentVersion?.buildId ?? [],
      );
      expect([versions?.at(0), versions?.at(-1)]).toEqual(['v1', 'v2']);
    } finally {
      await second.end('SIGTERM');
    }
  }, 120_000);
});
