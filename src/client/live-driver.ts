import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import type { LoadedDataConverter, Payload } from '@temporalio/common';
import type { SparkActivities, WaitHeartbeat } from '../protocol/index.ts';

/** What a worker sees of a driver: heartbeat details, at most some seconds old while a worker is there. */
export type LiveSparkDriver = Omit<WaitHeartbeat, 'driver' | 'problemSince' | 'reportedAt'>;

/** The activities that say by heartbeat what they see of a driver. */
const WAITS: ReadonlySet<string> = new Set([
  'waitForSparkDriver',
  'stopSparkDriver',
] satisfies (keyof SparkActivities)[]);

/** From the heartbeat of the wait: the workflow itself hears of the driver only when something is decided. */
export async function liveDriver(
  { client }: WorkflowHandle,
  { raw }: WorkflowExecutionDescription,
): Promise<{ driver?: LiveSparkDriver }> {
  const waits = raw.pendingActivities?.filter(({ activityType }) => WAITS.has(activityType?.name ?? ''));
  const payload = waits?.map(({ heartbeatDetails }) => heartbeatDetails?.payloads?.[0]).find((each) => each != null);
  if (payload == null) return {};
  const details = await decoded<WaitHeartbeat>(client.options.loadedDataConverter, payload);
  const { phase, node, executors, progress, reason, message, observedAt } = details;
  const known = Object.entries({ node, progress, reason, message }).filter(([, value]) => value !== undefined);
  return { driver: { phase, executors, observedAt, ...(Object.fromEntries(known) as Partial<LiveSparkDriver>) } };
}

/** What an activity handed to the data converter: codecs undo each other in the opposite order. */
async function decoded<T>({ payloadCodecs, payloadConverter }: LoadedDataConverter, payload: Payload): Promise<T> {
  let payloads = [payload];
  for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads);
  return payloadConverter.fromPayload<T>(payloads[0]!);
}
