import { WorkflowFailedError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER } from '../support/manifests.ts';

const cluster = useCluster('alone');
const { pi, driverOf, runningDriver } = cluster;

/** temporal.api.enums.v1.PendingActivityState */
const STARTED = 2;
const PAUSED = 4;

/** The wait for the driver as Temporal has it. */
async function pendingWait(workflowId: string) {
  const { raw } = await cluster.env.client.workflow.getHandle(workflowId).describe();
  return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'waitForSparkDriver');
}

function startOf(wait: Awaited<ReturnType<typeof pendingWait>>): string {
  return JSON.stringify(wait?.lastStartedTime);
}

describe('a wait for a driver', () => {
  it('that is paused, unpaused and reset by hand leaves the driver alone, and continues with it', async () => {
    await withWorker(cluster.env, async () => {
      const { workflowService } = cluster.env.client;
      const application = await cluster.env.spark.start(pi('paused-wait', RUN_FOREVER));
      const { workflowId } = application;
      const driver = await runningDriver('paused-wait');
      await eventually('the wait for its end', async () => {
        const { status } = await cluster.env.spark.describe(workflowId);
        return status?.state === 'RUNNING' && (await pendingWait(workflowId))?.lastHeartbeatTime;
      });
      const which = {
        namespace: 'default',
        execution: { workflowId },
        type: 'waitForSparkDriver',
        identity: 'the test',
      };

      await workflowService.pauseActivity({ ...which, reason: 'by hand' });
      // Its worker learns of it with a heartbeat, and stops.
      await eventually('the wait to be paused', async () => {
        const wait = await pendingWait(workflowId);
        return (wait?.state as number) === PAUSED;
      });
      await workflowService.unpauseActivity(which);
      await eventually(
        'the wait to continue',
        async () => ((await pendingWait(workflowId))?.state as number) === STARTED,
      );
      const before = startOf(await pendingWait(workflowId));
      await workflowService.resetActivity(which);
      await eventually('the wait to start again', async () => {
        const wait = await pendingWait(workflowId);
        return (wait?.state as number) === STARTED && startOf(wait) !== before;
      });

      const after = (await driverOf('paused-wait'))!.metadata!;
      expect(after.uid).toBe(driver.metadata!.uid);
      expect(after.deletionTimestamp).toBeUndefined();
      await application.kill({ reason: 'over' });
      expect((await failureOf(application.result())).result).toMatchObject({ state: 'CANCELLED', attempts: 1 });
      expect(cluster.drivers.attemptsOf('paused-wait')).toHaveLength(1);
    });
  });
});

describe('the cancel of a parent workflow', () => {
  it('reaches its Spark application: the driver is stopped, recorded and released', async () => {
    await withWorker(cluster.env, async () => {
      const { client, taskQueue, namespace } = cluster.env;
      const args = [pi('part', RUN_FOREVER)];
      const parent = await client.workflow.start('parent', { taskQueue, workflowId: `parent-${namespace}`, args });
      await runningDriver('part');
      await parent.cancel();
      await expect(parent.result()).rejects.toThrow(WorkflowFailedError);
      // It waits for what it started.
      const { status } = await client.workflow.getHandle(`spark/${namespace}/part`).describe();
      expect(status.name).toBe('CANCELLED');
      await eventually('the pod to go', async () => (await driverOf('part')) === undefined);
    });
  });
});
