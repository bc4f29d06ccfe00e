import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import { decodePayload, type SparkActivities, type WaitHeartbeat } from '../protocol/index.ts';
import { present } from '../validation/present.ts';

/** A worker's observation of a driver: heartbeat details, at most some seconds old while a worker runs. */
export type LiveSparkDriver = Omit<WaitHeartbeat, 'driver' | 'problemSince' | 'reportedAt' | 'archivingSince'>;

/** The activities whose heartbeats describe a driver. */
const WAITS: ReadonlySet<string> = new Set([
  'waitForSparkDriver',
  'stopSparkDriver',
] satisfies (keyof SparkActivities)[]);

/** From the last heartbeat of the wait: the workflow itself learns only what changes its state. */
export async function liveDriver(
  { client }: WorkflowHandle,
  { raw }: WorkflowExecutionDescription,
): Promise<LiveSparkDriver | undefined> {
  const waits = raw.pendingActivities?.filter(({ activityType }) => WAITS.has(activityType?.name ?? ''));
  const payload = waits?.map(({ heartbeatDetails }) => heartbeatDetails?.payloads?.[0]).find((each) => each != null);
  if (payload == null) return undefined;
  const details = await decodePayload<WaitHeartbeat | undefined>(client.options.loadedDataConverter, payload);
  // A heartbeat may have none.
  if (details == null) return undefined;
  const { phase, node, executors, progress, reason, message, observedAt } = details;
  return { phase, executors, observedAt, ...present({ node, progress, reason, message }) };
}
