import type { Client } from '@temporalio/client';

/** The tasks of a task queue, as Temporal numbers them. */
export const TaskQueueType = { Workflow: 1, Activity: 2 } as const;
export type TaskQueueType = (typeof TaskQueueType)[keyof typeof TaskQueueType];

/** Temporal lists pollers for some minutes after they have gone. */
const POLLING_MS = 120_000;

/** Identities of the workers that polled the task queue in the last two minutes. */
export async function pollersOf(
  client: Client,
  taskQueue: string,
  taskQueueType: TaskQueueType = TaskQueueType.Workflow,
): Promise<ReadonlySet<string>> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType,
  });
  const since = (Date.now() - POLLING_MS) / 1000;
  const fresh = pollers?.filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) > since) ?? [];
  return new Set(fresh.map(({ identity }) => identity ?? ''));
}
