import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  log,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { ApplicationTimings } from '../../timings/index.ts';
import { isWorkflowId } from '../../validation/workflow-id.ts';
import { asRecord } from '../../validation/unknown-data.ts';
import { now } from './attempt-record.ts';
import {
  admissionWorkflowId,
  leaveAdmissionSignal,
  type AdmissionAnswer,
  type AdmissionNeeded,
  type QueueStatus,
  type SparkActivities,
} from '../../protocol/index.ts';

const { requestAdmission } = proxyActivities<SparkActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { maximumInterval: '30 seconds' },
});

interface Place extends QueueStatus {
  readonly holder: string;
  readonly admitted: boolean;
}

/** An application's side of the queue of a pool: it asks for each attempt, and releases the place after it. */
export class Admission {
  private place: Place | undefined;
  private readonly onChange: () => void;

  constructor(onChange: () => void) {
    this.onChange = onChange;
  }

  /** While an attempt waits to be admitted. */
  get waiting(): QueueStatus | undefined {
    if (this.place === undefined || this.place.admitted) return undefined;
    const { holder: _, admitted: _admitted, ...status } = this.place;
    return status;
  }

  /** Resolves when the attempt with this submission ID is admitted. */
  async enter(
    holder: string,
    namespace: string,
    { queue, limits, priority, requests }: AdmissionNeeded,
    { admissionRepeatMs, admissionRepeatAtMostMs }: ApplicationTimings,
  ): Promise<void> {
    const { workflowId, firstExecutionRunId: runId, taskQueue } = workflowInfo();
    const since = now();
    this.place = { name: queue, since, holder, admitted: false };
    const request = { holder, workflowId, runId, namespace, priority, requests, since };
    const isIn = (): boolean => this.place?.admitted === true;
    for (let again = admissionRepeatMs; !isIn(); again = Math.min(2 * again, admissionRepeatAtMostMs)) {
      // A request under way does arrive: its release must not arrive before it.
      await CancellationScope.nonCancellable(() =>
        requestAdmission.executeWithOptions({ summary: `ask ${admissionWorkflowId(queue)}` }, [
          { queue, taskQueue, request, limits },
        ]),
      );
      this.onChange();
      // The queue may have been terminated; a repeated request does not get a second place.
      await condition(isIn, again, { summary: `until ${admissionWorkflowId(queue)} is asked again` });
    }
  }

  /** A queue's answer: a place in it, or that the attempt is admitted. */
  answered(given?: unknown): void {
    const answer = readAnswer(given);
    if (answer === undefined) return;
    const { queue, holder, place, waiting } = answer;
    const mine = this.place;
    if (mine?.name !== queue || mine.holder !== holder) {
      if (place === undefined) void leave(queue, holder);
      return;
    }
    if (mine.admitted) return;
    const { name, since } = mine;
    const admitted = place === undefined;
    this.place = { name, since, holder, admitted, ...(admitted ? {} : { place, waiting }) };
    this.onChange();
  }

  /** The attempt is over, or no longer waits: another may be admitted. */
  async leave(): Promise<void> {
    if (this.place === undefined) return;
    const { name, holder } = this.place;
    await leave(name, holder);
    this.place = undefined;
  }
}

async function leave(queue: string, holder: string): Promise<void> {
  try {
    await CancellationScope.nonCancellable(() =>
      getExternalWorkflowHandle(admissionWorkflowId(queue)).signal(leaveAdmissionSignal, { holder }),
    );
  } catch (error) {
    log.info('The queue has ended; no place to release', { queue, error });
  }
}

/** Any client can send anything: undefined for anything but an answer. */
function readAnswer(given: unknown): AdmissionAnswer | undefined {
  const { queue, holder, place, waiting } = asRecord(given);
  // The answer to a place that is not wanted goes to that queue.
  if (typeof queue !== 'string' || !isWorkflowId(admissionWorkflowId(queue)) || !isWorkflowId(holder)) return undefined;
  if (place === undefined) return { queue, holder, waiting: 0 };
  return isCount(place) && isCount(waiting) ? { queue, holder, place, waiting } : undefined;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
