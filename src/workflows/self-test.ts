import {
  ActivityFailure,
  continueAsNew,
  isCancellation,
  proxyActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { CanaryActivities, CanaryInput } from '../protocol/index.ts';

/**
 * Calls one worker process again and again, on a task queue of its own: each call shows that Temporal, some worker's
 * workflow tasks and that process's activities work together. Ends when the process is gone.
 */
export async function workerCanary(input: CanaryInput): Promise<void> {
  const { taskQueue, intervalMs, goneAfterMs } = input;
  const { beatCanary } = proxyActivities<CanaryActivities>({
    taskQueue,
    scheduleToStartTimeout: goneAfterMs,
    startToCloseTimeout: '10 seconds',
    retry: { maximumAttempts: 1 },
  });
  while (!workflowInfo().continueAsNewSuggested) {
    try {
      await beatCanary();
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      return;
    }
    await sleep(intervalMs, { summary: 'until the next beat' });
  }
  await continueAsNew<typeof workerCanary>(input);
}
