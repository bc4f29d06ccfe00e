import type { Client } from '@temporalio/client';
import type { MetricMeter } from '@temporalio/common';
import { ApplicationState, SearchAttribute, SPARK_APPLICATION_WORKFLOW } from '../protocol/index.ts';

/**
 * Gauge: open applications of the task queue by `state`, as Temporal lists them, some moments late. All workers show the
 * same numbers; NaN while Temporal does not answer, or has no search attributes (`temporal-spark setup`).
 */
export const APPLICATIONS_METRIC = 'temporal_spark_applications';

/** States that last. */
const states = [
  ApplicationState.New,
  ApplicationState.Queued,
  ApplicationState.Submitted,
  ApplicationState.Running,
  ApplicationState.Unknown,
  ApplicationState.PendingRerun,
  ApplicationState.Suspended,
] as const;

const EVERY_MS = 30_000;

export interface CountedStates {
  readonly client: Client;
  readonly taskQueue: string;
  readonly meter: MetricMeter;
  /** @default 30000 */
  readonly everyMs?: number;
  /** Gets the first of successive failures; the next count is tried as planned. */
  readonly onProblem: (error: unknown) => void;
}

/** Keeps the gauge up to date, beginning now. Returns a function that stops it. */
export function countStates({ client, taskQueue, meter, everyMs = EVERY_MS, onProblem }: CountedStates): () => void {
  const gauge = meter.createGauge(APPLICATIONS_METRIC, 'float');
  const open = [
    `WorkflowType = '${SPARK_APPLICATION_WORKFLOW}'`,
    `ExecutionStatus = 'Running'`,
    `TaskQueue = '${taskQueue.replaceAll(/['\\]/g, '\\$&')}'`,
  ].join(' AND ');
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let wasKnown = true;
  const look = async (): Promise<void> => {
    try {
      for (const state of states) {
        const { count } = await client.workflow.count(`${open} AND ${SearchAttribute.State.name} = '${state}'`);
        if (stopped) return;
        gauge.set(count, { state, task_queue: taskQueue });
      }
      wasKnown = true;
    } catch (error) {
      if (stopped) return;
      // An old number would be taken for the present one.
      for (const state of states) gauge.set(NaN, { state, task_queue: taskQueue });
      if (wasKnown) onProblem(error);
      wasKnown = false;
    }
    timer = setTimeout(() => void look(), everyMs).unref();
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
