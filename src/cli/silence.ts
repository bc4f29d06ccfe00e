import { startWorker } from '../client/explain-request.ts';
import { pollersOf } from '../client/pollers.ts';
import type { Temporal } from './temporal.ts';

/** Why nothing happens to a workflow: that no worker polls its task queue; undefined where one does. */
export async function silenceOf({ client }: Temporal, workflowId: string): Promise<string | undefined> {
  const { taskQueue } = await client.workflow.getHandle(workflowId).describe();
  return (await pollersOf(client, taskQueue)).size > 0 ? undefined : noWorker(taskQueue);
}

/** That no worker polls a task queue, and how to start one. */
export const noWorker = (taskQueue: string): string =>
  `no worker polls task queue "${taskQueue}". To start one:  ${startWorker(taskQueue)}`;
