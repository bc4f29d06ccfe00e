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
import {
  acquireSemaphoreSignal,
  releaseSemaphoreSignal,
  semaphoreGrantedSignal,
  semaphoreStatusQuery,
  type CarriedSemaphore,
  type PipelineActivities,
  type SemaphorePlace,
  type SemaphoreRequest,
} from '../../protocol/index.ts';

const { closedWorkflows } = proxyActivities<PipelineActivities>({ startToCloseTimeout: '1 minute' });

/**
 * A named semaphore over all pipelines of a Temporal namespace, first come, first served. It is there while somebody
 * holds or wants it. The limit is that of the latest request. What a pipeline held that was terminated is taken back when
 * its stage has ended; one that is there is asked whether it still wants what its stage does not use, for it may have been
 * reset to before it asked.
 */
export async function sparkSemaphore(name: string, carried?: CarriedSemaphore): Promise<void> {
  let { limit } = carried ?? { limit: 1 };
  let holders = [...(carried?.holders ?? [])];
  let waiting = [...(carried?.waiting ?? [])];
  const { semaphoreCheckMs, semaphoreCheckAtMostMs } = receivedTimings(carried);
  let changed = true;
  let interval = semaphoreCheckMs;
  const granted: SemaphoreRequest[] = [];

  setHandler(
    acquireSemaphoreSignal,
    (request) => {
      changed = true;
      limit = request.limit;
      const others = (requests: readonly SemaphoreRequest[]) =>
        requests.filter(({ holder }) => holder !== request.holder);
      const isHeld = others(holders).length < holders.length;
      // A pipeline that continued as new asks again; it may have missed the answer.
      if (isHeld) holders = [...others(holders), request];
      if (isHeld) granted.push(request);
      else if (waiting.some(({ holder }) => holder === request.holder))
        waiting = waiting.map((each) => (each.holder === request.holder ? request : each));
      else waiting.push(request);
    },
    { description: 'A stage asks for a place: {limit, holder, ticket, requester}' },
  );
  setHandler(
    releaseSemaphoreSignal,
    (place) => {
      changed = true;
      holders = holders.filter((each) => !isSame(each, place));
      waiting = waiting.filter((each) => !isSame(each, place));
    },
    { description: 'A stage gives its place back: {holder, ticket}' },
  );
  setHandler(
    semaphoreStatusQuery,
    () => ({ name, limit, holders: holders.map(({ holder }) => holder), waiting: waiting.map(({ holder }) => holder) }),
    { description: 'Limit, holders and those who wait' },
  );

  while (changed || holders.length > 0 || waiting.length > 0) {
    changed = false;
    while (holders.length < limit && waiting.length > 0) {
      const next = waiting.shift()!;
      holders.push(next);
      granted.push(next);
    }
    setCurrentDetails(`**${holders.length} of ${limit}** taken, ${waiting.length} waiting`);
    for (const request of granted.splice(0)) await tell(request);
    if (changed) {
      interval = semaphoreCheckMs;
      continue;
    }
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew(name, { ...carried, limit, holders, waiting });
    }
    if (waiting.length === 0) await condition(() => changed || holders.length === 0);
    else if (!(await condition(() => changed, interval, { summary: 'until holders are looked at' }))) {
      interval = Math.min(interval * 2, semaphoreCheckAtMostMs);
      await reclaim();
    }
  }

  async function tell({ requester, limit: _, ...place }: SemaphoreRequest): Promise<void> {
    try {
      await getExternalWorkflowHandle(requester).signal(semaphoreGrantedSignal, { ...place, semaphore: name });
    } catch {
      // The pipeline is over: it wants nothing any more.
      holders = holders.filter((each) => !isSame(each, place));
      changed = true;
    }
  }

  async function reclaim(): Promise<void> {
    const closed = new Set(
      await closedWorkflows.executeWithOptions({ summary: 'which holders have ended' }, [
        holders.flatMap(({ holder, requester }) => [holder, requester]),
      ]),
    );
    const left = holders.filter(({ holder, requester }) => !closed.has(holder) || !closed.has(requester));
    changed ||= left.length < holders.length;
    holders = holders.filter((each) => left.includes(each));
    // Its stage does not run, but its pipeline does: told again, that gives back what it does not want.
    for (const request of left.filter(({ holder }) => closed.has(holder))) await tell(request);
  }
}

function isSame(one: SemaphorePlace, other: SemaphorePlace): boolean {
  return one.holder === other.holder && (one.ticket ?? 0) === (other.ticket ?? 0);
}
