import { continueAsNew, getExternalWorkflowHandle, patched, proxyActivities, setHandler } from '@temporalio/workflow';
import { receivedTimings } from '../../timings/index.ts';
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
  type WorkflowReference,
} from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import { admissionDetails } from './admission-details.ts';
import { AdmissionQueue } from './admission-queue.ts';
import { carryLine, shownLine } from './carried-line.ts';
import { Lease } from './lease.ts';
import { PlaceNotices } from './place-notices.ts';
import { readAdmissionLimits, readAdmissionRequest, readCarriedAdmission, readHolder } from './read-requests.ts';
import { restoreAdmission } from './restore-queue.ts';
import { reviewPages } from './review-pages.ts';

/** Temporal takes 2,000 of one workflow. */
const SIGNALS_AT_ONCE = 500;

const { admissionLimits, closedWorkflows } = proxyActivities<SparkActivities & PipelineActivities>({
  startToCloseTimeout: '1 minute',
  retry: { maximumInterval: '1 minute' },
});

/**
 * Admits applications to a pool, at most as many at once as its limits allow. The place of an application whose
 * workflow was terminated is taken back.
 *
 * @param given for the workflow itself, when it continues as new, and for the worker that starts it
 */
export async function sparkAdmission(queueName: string, given?: CarriedAdmission): Promise<void> {
  const carried = readCarriedAdmission(given);
  const { admissionReviewMs } = receivedTimings(carried);
  const queue = new AdmissionQueue(carried);
  const { signals } = carried;
  if (signals !== undefined) restoreAdmission(queue, signals);
  const places = new PlaceNotices(carried);
  const lease = new Lease<AdmissionRequest>(queue, {
    reviewInterval: { firstMs: admissionReviewMs, longestMs: admissionReviewMs },
    details: (waiting) => admissionDetails(queue.limits, queue.holders, waiting),
    notices: (waiting) => places.due(waiting),
    // Histories of before the patch have all signals in one task; those with more than Temporal takes end there.
    signalsAtOnce: (count) => (count > SIGNALS_AT_ONCE && patched('signal-batches') ? SIGNALS_AT_ONCE : count),
    signal: ({ request: { holder, workflowId }, place }) => {
      const inQueue = { queue: queueName, holder, waiting: queue.waitingCount };
      const answer: AdmissionAnswer = place === undefined ? inQueue : { ...inQueue, place };
      return getExternalWorkflowHandle(workflowId).signal(admissionAnswerSignal, answer);
    },
    review,
    continueAsNew: async () => {
      const waiting = places.carried(queue.waiting());
      const { line, left } = carryLine({ holders: queue.holders, waiting });
      // Waiting applications that are left out ask again, and keep their place, because it depends on the time since
      // which they wait. Admitted ones do not.
      if (left > waiting.length) return;
      const { holders: admitted, ...rest } = line;
      await continueAsNew(queueName, {
        ...present({ timings: carried.timings }),
        limits: queue.limits,
        admitted,
        ...rest,
      });
    },
  });

  // Those of a lost run may have missed an answer, or found no queue to release their place to.
  if (signals !== undefined) lease.answerAgain();

  setHandler(
    askAdmissionSignal,
    (...given: readonly unknown[]) => {
      const request = readAdmissionRequest(given[0]);
      const limits = readAdmissionLimits(given[1]);
      if (request === undefined || limits === undefined) return lease.drop(askAdmissionSignal.name);
      queue.limits = limits;
      lease.ask(request);
    },
    {
      description: 'An attempt asks to be admitted: {holder, workflowId, namespace, priority, requests, since}, limits',
    },
  );
  setHandler(
    leaveAdmissionSignal,
    (given: unknown) => {
      const place = readHolder(given);
      if (place === undefined) lease.drop(leaveAdmissionSignal.name);
      else lease.release(place);
    },
    { description: 'An attempt is over, or no longer wants to be admitted: {holder}' },
  );
  setHandler(
    admissionStatusQuery,
    () => {
      const { holders: admitted, waiting, more } = shownLine({ holders: queue.holders, waiting: queue.waiting() });
      return {
        ...{ queue: queueName, limits: queue.limits, admitted, waiting },
        ...present({ more: more && { admitted: more.holders, waiting: more.waiting } }),
      };
    },
    { description: 'The limits, the admitted applications, and the waiting ones in order' },
  );

  await lease.run();

  async function review(): Promise<void> {
    const [, limits] = await Promise.all([
      releaseClosed(),
      admissionLimits.executeWithOptions({ summary: `read the limits of ${queueName}` }, [{ pool: queueName }]),
    ]);
    queue.limits = limits;
    lease.wake();
  }

  async function releaseClosed(): Promise<void> {
    for (const page of reviewPages(queue.holders, referenceOf)) {
      const closed = new Set(
        await closedWorkflows.executeWithOptions({ summary: 'find admitted applications that have ended' }, [
          page.map(referenceOf),
        ]),
      );
      for (const request of page) if (closed.has(request.workflowId)) lease.release(request);
    }
  }
}

function referenceOf({ workflowId, runId }: AdmissionRequest): WorkflowReference {
  return { workflowId, runId };
}
