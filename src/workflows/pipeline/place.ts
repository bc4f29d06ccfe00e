import { condition, getExternalWorkflowHandle, patched, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { StageSemaphore } from '../../manifest/pipeline/types.ts';
import { receivedTimings, type CarriedTimings, type PipelineTimings } from '../../timings/index.ts';
import {
  releaseSemaphoreSignal,
  semaphoreWorkflowId,
  type PipelineActivities,
  type SemaphorePlace,
} from '../../protocol/index.ts';
import type { InFlight } from './in-flight.ts';
import { Continuing, type UnitContext } from './unit-context.ts';
import type { UnitRecord } from './unit-record.ts';

const { requestSemaphore } = proxyActivities<PipelineActivities>({ startToCloseTimeout: '1 minute' });

/** Of a request for a place. */
export type PlaceOutcome = 'granted' | 'stopped' | 'released';

/** A unit's place of its stage's semaphore, from the request to the release. */
export class Place {
  private readonly unit: UnitContext;
  private readonly semaphore: StageSemaphore;
  private readonly timings: () => CarriedTimings<PipelineTimings>;

  constructor(unit: UnitContext, semaphore: StageSemaphore, timings: () => CarriedTimings<PipelineTimings>) {
    this.unit = unit;
    this.semaphore = semaphore;
    this.timings = timings;
  }

  /**
   * Asks for a place and waits for it. No unit takes a place while the run is paused: one that waits, or was just
   * granted its place, releases it.
   *
   * @throws Continuing
   */
  async acquire(): Promise<PlaceOutcome> {
    const { unit } = this;
    const { controls, inFlight } = unit.run;
    if (unit.record.holdsSemaphore !== true) {
      if (controls.isPaused()) await unit.whilePaused();
      if (unit.stopping !== undefined) return 'stopped';
      const { ticket } = unit.record;
      // From here on an answer may come.
      unit.record = { ...unit.record, ticket: ticket === undefined ? 0 : ticket + 1, holdsSemaphore: true };
    }
    const place = this.asked();
    await this.ask(place, () => inFlight.isGranted(place) || unit.stopping !== undefined || controls.isPaused());
    if (controls.isContinuing) throw new Continuing();
    if (unit.stopping !== undefined) return 'stopped';
    if (!controls.isPaused()) return 'granted';
    await this.release();
    return 'released';
  }

  async release(): Promise<void> {
    const { unit } = this;
    const { inFlight } = unit.run;
    const place = this.asked();
    unit.record = released(unit.record);
    inFlight.forget(place);
    await releasePlace(inFlight, this.semaphore.name, place);
  }

  /** Asks until the request has its answer, or is not needed any more: the semaphore may be terminated meanwhile. */
  private async ask(place: SemaphorePlace, isOver: () => boolean): Promise<void> {
    await this.request(place);
    if (isOver()) return;
    // In older runs a stage asks once.
    if (!patched('semaphore-repeat')) return condition(isOver);
    const { semaphoreRepeatMs, semaphoreRepeatAtMostMs } = receivedTimings(this.timings());
    const summary = `until semaphore ${this.semaphore.name} is asked again`;
    let again = semaphoreRepeatMs;
    while (!(await condition(isOver, again, { summary }))) {
      again = Math.min(2 * again, semaphoreRepeatAtMostMs);
      // With the same ticket: a repeated request does not get a second place.
      await this.request(place);
    }
  }

  /** Counted, so that a release never arrives before it. */
  private async request(place: SemaphorePlace): Promise<void> {
    const { workflowId, taskQueue } = workflowInfo();
    const { name, limit } = this.semaphore;
    await this.unit.run.inFlight.counted(() =>
      requestSemaphore.executeWithOptions({ summary: `ask semaphore ${name}` }, [
        { name, limit, ...place, requester: workflowId, taskQueue },
      ]),
    );
  }

  private asked(): SemaphorePlace {
    return { holder: this.unit.workflowId, ticket: this.unit.record.ticket ?? 0 };
  }
}

/** Releases a place, also one that this run did not request. */
export async function releasePlace(inFlight: InFlight, semaphore: string, place: SemaphorePlace): Promise<void> {
  const handle = getExternalWorkflowHandle(semaphoreWorkflowId(semaphore));
  // The semaphore ends when nothing holds it: it may not exist any more.
  await inFlight.counted(() => handle.signal(releaseSemaphoreSignal, place).catch(() => undefined));
}

function released(unit: UnitRecord): UnitRecord {
  const { holdsSemaphore: _, ...rest } = unit;
  return rest;
}
