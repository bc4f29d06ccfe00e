import {
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { receivedTimings } from '../../timings/index.ts';
import { admissionDetails } from './admission-details.ts';
import { AdmissionQueue } from './admission-queue.ts';
import {
  admissionAnswerSignal,
  admissionStatusQuery,
  askAdmissionSignal,
  leaveAdmissionSignal,
  type AdmissionAnswer,
  type AdmissionRequest,
  type CarriedAdmission,
  type PipelineActivities,
  type SparkActivities,
} from '../../protocol/index.ts';

const { admissionLimits, closedWorkflows } = proxyActivities<SparkActivities & PipelineActivities>({
  startToCloseTimeout: '1 minute',
  retry: { maximumInterval: '1 minute' },
});

/**
 * Lets applications onto a pool, no more at once than its limits say. It is there while somebody is in or waits. What
 * an application held whose workflow was terminated is taken back.
 */
export async function sparkAdmission(queueName: string, carried?: CarriedAdmission): Promise<void> {
  const queue = new AdmissionQueue(carried);
  const { admissionReviewMs } = receivedTimings(carried);
  let changed = true;
  let reviewAt = Date.now() + admissionReviewMs;
  const again: AdmissionRequest[] = [];
  /** Place that an applicant was told last. */
  const told = new Map<string, number>();

  setHandler(
    askAdmissionSignal,
    (request, limits) => {
      changed = true;
      queue.limits = limits;
      if (queue.ask(request)) again.push(request);
    },
    {
      description: 'An attempt asks to be admitted: {holder, workflowId, namespace, priority, requests, since}, limits',
    },
  );
  setHandler(
    leaveAdmissionSignal,
    ({ holder }) => {
      changed = true;
      queue.leave(holder);
    },
    { description: 'An attempt is over, or no longer wants to be admitted: {holder}' },
  );
  setHandler(
    admissionStatusQuery,
    () => ({ queue: queueName, limits: queue.limits, admitted: queue.admitted, waiting: queue.waiting() }),
    { description: 'The limits, who is in, and who waits, in order' },
  );

  while (changed || !queue.isEmpty) {
    changed = false;
    const admitted = [...queue.admit(), ...again.splice(0)];
    const waiting = queue.waiting();
    setCurrentDetails(admissionDetails(queue.limits, queue.admitted, waiting));
    await Promise.all([
      ...admitted.map((request) => tell(request)),
      ...waiting.flatMap((request, index) => {
        const place = index + 1;
        // Whenever it has halved: some signals each, however long the queue is.
        if (place > (told.get(request.holder) ?? Infinity) / 2) return [];
        told.set(request.holder, place);
        return [tell(request, place)];
      }),
    ]);
    for (const { holder } of admitted) told.delete(holder);
    if (changed) continue;
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      if (changed) continue;
      const { limits, admitted } = queue;
      await continueAsNew(queueName, { ...carried, limits, admitted, waiting: queue.waiting() });
    }
    if (queue.waitingCount === 0) await condition(() => changed || queue.isEmpty);
    else await condition(() => changed, Math.max(1, reviewAt - Date.now()), { summary: 'until limits are read anew' });
    if (queue.waitingCount > 0 && Date.now() >= reviewAt) await review();
  }

  async function tell(request: AdmissionRequest, place?: number): Promise<void> {
    const { holder, workflowId } = request;
    const answer: AdmissionAnswer = {
      queue: queueName,
      holder,
      waiting: queue.waitingCount,
      ...(place === undefined ? {} : { place }),
    };
    try {
      await getExternalWorkflowHandle(workflowId).signal(admissionAnswerSignal, answer);
    } catch {
      // Its workflow is over: it wants nothing any more.
      queue.leave(holder);
      changed = true;
    }
  }

  async function review(): Promise<void> {
    const [closed, limits] = await Promise.all([
      closedWorkflows.executeWithOptions({ summary: 'which of those that are in have ended' }, [
        queue.admitted.map(({ workflowId, runId }) => ({ workflowId, runId })),
      ]),
      admissionLimits.executeWithOptions({ summary: queueName }, [{ pool: queueName }]),
    ]);
    const over = new Set(closed);
    for (const { holder, workflowId } of queue.admitted) if (over.has(workflowId)) queue.leave(holder);
    queue.limits = limits;
    changed = true;
    reviewAt = Date.now() + admissionReviewMs;
  }
}
