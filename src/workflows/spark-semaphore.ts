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
import type { PipelineActivities } from '../activities/index.ts';
import {
  acquireSemaphoreSignal,
  releaseSemaphoreSignal,
  semaphoreGrantedSignal,
  semaphoreStatusQuery,
  type SemaphoreRequest,
} from './definitions/index.ts';

const { closedWorkflows } = proxyActivities<PipelineActivities>({ startToCloseTimeout: '1 minute' });

/** While somebody waits, how often to look whether those who hold a place are still there. */
const RECLAIM_INTERVAL = '1 minute';

/** What a run hands to the one that continues it. */
export interface CarriedSemaphore {
  readonly limit: number;
  readonly holders: readonly SemaphoreRequest[];
  readonly waiting: readonly SemaphoreRequest[];
}

/**
 * A named semaphore over all pipelines of a Temporal namespace, first come, first served. It is there while somebody
 * holds or wants it. The limit is that of the latest request. What a pipeline held that was terminated is taken back when
 * its stage has ended.
 */
export async function sparkSemaphore(name: string, carried?: CarriedSemaphore): Promise<void> {
  let { limit } = carried ?? { limit: 1 };
  let holders = [...(carried?.holders ?? [])];
  let waiting = [...(carried?.waiting ?? [])];
  let changed = true;
  const granted: SemaphoreRequest[] = [];

  setHandler(
    acquireSemaphoreSignal,
    (request) => {
      changed = true;
      limit = request.limit;
      const known = ({ holder }: SemaphoreRequest): boolean => holder === request.holder;
      // A pipeline that continued as new asks again; it may have missed the answer.
      if (holders.some(known)) granted.push(request);
      else if (!waiting.some(known)) waiting.push(request);
    },
    { description: 'A stage asks for a place: {limit, holder, requester}' },
  );
  setHandler(
    releaseSemaphoreSignal,
    ({ holder }) => {
      changed = true;
      holders = holders.filter((each) => each.holder !== holder);
      waiting = waiting.filter((each) => each.holder !== holder);
    },
    { description: 'A stage gives its place back: {holder}' },
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
    for (const { requester, holder } of granted.splice(0)) {
      try {
        await getExternalWorkflowHandle(requester).signal(semaphoreGrantedSignal, { holder });
      } catch {
        // The pipeline is over: it wants nothing any more.
        holders = holders.filter((each) => each.holder !== holder);
        changed = true;
      }
    }
    if (changed) continue;
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew(name, { limit, holders, waiting });
    }
    if (waiting.length === 0) await condition(() => changed || holders.length === 0);
    else if (!(await condition(() => changed, RECLAIM_INTERVAL))) await reclaim();
  }

  async function reclaim(): Promise<void> {
    const closed = new Set(await closedWorkflows(holders.flatMap(({ holder, requester }) => [holder, requester])));
    const left = holders.filter(({ holder, requester }) => !closed.has(holder) || !closed.has(requester));
    changed ||= left.length < holders.length;
    holders = holders.filter((each) => left.includes(each));
  }
}
