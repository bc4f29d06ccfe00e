import { continueAsNew, getExternalWorkflowHandle, patched, proxyActivities, setHandler } from '@temporalio/workflow';
import { receivedTimings } from '../../timings/index.ts';
import {
  acquireSemaphoreSignal,
  releaseSemaphoreSignal,
  semaphoreGrantedSignal,
  semaphoreStatusQuery,
  type CarriedSemaphore,
  type PipelineActivities,
  type SemaphoreRequest,
} from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import { carryLine, shownLine } from './carried-line.ts';
import { Lease } from './lease.ts';
import { readCarriedSemaphore, readSemaphorePlace, readSemaphoreRequest } from './read-requests.ts';
import { restoreSemaphore } from './restore-queue.ts';
import { reviewPages } from './review-pages.ts';
import { SemaphoreQueue } from './semaphore-queue.ts';

const { closedWorkflows } = proxyActivities<PipelineActivities>({
  startToCloseTimeout: '1 minute',
  retry: { maximumInterval: '1 minute' },
});

/**
 * A named semaphore over all pipelines of a Temporal namespace. The place of a pipeline that was terminated is taken
 * back when its stage has ended too. A pipeline that runs while its stage does not is asked whether it still wants the
 * place: it may have been reset to before it asked.
 *
 * @param given for the workflow itself, when it continues as new, and for the worker that starts it
 */
export async function sparkSemaphore(name: string, given?: CarriedSemaphore): Promise<void> {
  const carried = readCarriedSemaphore(given);
  const { semaphoreCheckMs, semaphoreCheckAtMostMs } = receivedTimings(carried);
  const queue = new SemaphoreQueue(carried);
  const { signals } = carried;
  if (signals !== undefined) restoreSemaphore(queue, signals);
  const lease = new Lease<SemaphoreRequest>(queue, {
    reviewInterval: { firstMs: semaphoreCheckMs, longestMs: semaphoreCheckAtMostMs },
    // In older semaphores each change delayed the review: one in steady use was never reviewed.
    isReviewPostponed: !patched('semaphore-review'),
    details: (waiting) => `**${queue.holders.length} of ${queue.limit}** taken, ${waiting.length} waiting`,
    signalsAtOnce: () => 1,
    signal: ({ request: { requester, limit: _, ...place } }) =>
      getExternalWorkflowHandle(requester).signal(semaphoreGrantedSignal, { ...place, semaphore: name }),
    review,
    continueAsNew: async () => {
      const { line, left } = carryLine({ holders: queue.holders, waiting: queue.waiting() });
      // Stages that are left out would lose their turn, and those of older runs do not ask again.
      if (left > 0) return;
      await continueAsNew(name, { ...present({ timings: carried.timings }), limit: queue.limit, ...line });
    },
  });

  // Those of a lost run may have missed an answer, or found no queue to release their place to.
  if (signals !== undefined) lease.answerAgain();

  setHandler(
    acquireSemaphoreSignal,
    (given: unknown) => {
      const request = readSemaphoreRequest(given);
      if (request === undefined) lease.drop(acquireSemaphoreSignal.name);
      else lease.ask(request);
    },
    { description: 'A stage asks for a place: {limit, holder, ticket, requester}' },
  );
  setHandler(
    releaseSemaphoreSignal,
    (given: unknown) => {
      const place = readSemaphorePlace(given);
      if (place === undefined) lease.drop(releaseSemaphoreSignal.name);
      else lease.release(place);
    },
    { description: 'A stage releases its place: {holder, ticket}' },
  );
  setHandler(
    semaphoreStatusQuery,
    () => ({
      ...{ name, limit: queue.limit },
      ...shownLine({ holders: holdersOf(queue.holders), waiting: holdersOf(queue.waiting()) }),
    }),
    { description: 'Limit, holders and waiting requests' },
  );

  await lease.run();

  async function review(): Promise<void> {
    const closed = new Set<string>();
    for (const page of reviewPages(queue.holders, workflowsOf)) {
      const ended = await closedWorkflows.executeWithOptions({ summary: 'find holders that have ended' }, [
        page.flatMap(workflowsOf),
      ]);
      for (const workflowId of ended) closed.add(workflowId);
    }
    const unused = queue.holders.filter(({ holder }) => closed.has(holder));
    for (const request of unused) {
      if (closed.has(request.requester)) lease.release(request);
      // A pipeline that gets the answer again releases what it does not want.
      else await lease.send({ request });
    }
  }
}

function workflowsOf({ holder, requester }: SemaphoreRequest): string[] {
  return [holder, requester];
}

function holdersOf(requests: readonly SemaphoreRequest[]): string[] {
  return requests.map(({ holder }) => holder);
}
