import type { SparkApplicationDescription } from '../../../client/index.ts';
import {
  describeExecutors,
  describeProgress,
  describeQueue,
  type SparkPipelineStatus,
  type StageState,
} from '../../../protocol/index.ts';
import { timeAndAge } from '../../output/times.ts';
import { shortDuration } from '../../../validation/duration.ts';

/** What an application does now, in one line; undefined where it has ended, or no worker has taken it yet. */
export function applicationLine(
  { workflowId, status, driver, startTime, closeTime }: SparkApplicationDescription,
  now: number,
): string | undefined {
  if (status === undefined || closeTime !== undefined) return undefined;
  const executors = driver?.executors ?? status.executors;
  const progress = driver?.progress ?? status.progress;
  const facts = [
    `${status.state} after ${shortDuration(now - startTime.getTime())}`,
    status.queue && `queue ${describeQueue(status.queue)}`,
    status.nextAttemptAt && `next attempt ${timeAndAge(status.nextAttemptAt, now)}`,
    executors && `executors: ${describeExecutors(executors)}`,
    progress && describeProgress(progress),
  ];
  return `${workflowId}  ${facts.filter(Boolean).join(', ')}`;
}

/** How far a pipeline is, in one line. */
export function pipelineLine(
  workflowId: string,
  { state, stages, startedAt }: SparkPipelineStatus,
  now: number,
): string {
  const counts = new Map<StageState, number>();
  for (const stage of stages) counts.set(stage.state, (counts.get(stage.state) ?? 0) + 1);
  const stageCounts = [...counts].map(([stageState, count]) => `${count} ${stageState.toLowerCase()}`);
  return `${workflowId}  ${state} after ${shortDuration(now - Date.parse(startedAt))}, ${stages.length} stages: ${stageCounts.join(', ')}`;
}
