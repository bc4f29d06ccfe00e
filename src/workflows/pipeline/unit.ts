// Tries are the pipeline's own, not those of a retry policy of the child. Temporal would retry a child that failed, and
// only that: it cannot check the outputs of one that completed, give each try a time limit, release the semaphore
// between two tries, or hold the next one back while the pipeline is paused or stops. An application that Temporal
// retries counts its attempts from 1 again in the same chain of runs, and meets the driver of its last try.
import { ActivityFailure, ApplicationFailure, proxyActivities, condition } from '@temporalio/workflow';
import type { PipelineStage } from '../../manifest/index.ts';
import { bytesText, CARRIED_LIMIT, jsonBytes } from '../../manifest/size.ts';
import { OutputSource } from '../../manifest/pipeline/types.ts';
import {
  StageReason,
  type ChildOutcome,
  type SemaphorePlace,
  type SparkActivities,
  type SparkApplicationResult,
} from '../../protocol/index.ts';
import { PERMANENT_FAILURES } from '../application/permanent-failures.ts';
import { present } from '../../validation/present.ts';
import { Child, graceOf, type ChildEvents } from './child.ts';
import { tryOutcome, type TryOutcome } from './child-outcome.ts';
import { Place } from './place.ts';
import { messageOf, shortened } from './texts.ts';
import { Continuing, UnitContext, type RunParts } from './unit-context.ts';
import {
  cancelledUnit,
  isUnitSettled,
  isUnitStarted,
  lasting,
  startedUnit,
  UnitState,
  type Stopping,
} from './unit-record.ts';

/** Of why a try failed, while another is awaited. */
const RETRY_MESSAGE_LIMIT = 300;

const DEFAULT_RETRY = { intervalSeconds: 10, backoffCoefficient: 2, maxIntervalSeconds: 600 };

/** Failures that a retry cannot fix. */
const PERMANENT: ReadonlySet<string> = new Set([
  ...PERMANENT_FAILURES,
  StageReason.ExpressionFailed,
  StageReason.InputTooLarge,
]);

const { readStageOutputs } = proxyActivities<SparkActivities>({ startToCloseTimeout: '1 minute' });

/** What a unit reports to the run. */
export interface UnitEvents extends Pick<ChildEvents, 'started' | 'timings'> {
  /** It has failed for good. */
  failed(stage: PipelineStage): void;
}

/**
 * A stage, or one item of a fan-out, from its semaphore to its last try. Nothing else changes its record while it runs.
 */
export class Unit {
  private readonly context: UnitContext;
  private readonly events: UnitEvents;
  private readonly place: Place | undefined;
  private readonly child: Child;

  constructor(run: RunParts, stage: PipelineStage, index: number, events: UnitEvents) {
    this.context = new UnitContext(run, stage, index);
    this.events = events;
    this.place =
      stage.semaphore === undefined ? undefined : new Place(this.context, stage.semaphore, () => events.timings());
    this.child = new Child(this.context, {
      started: () => events.started(),
      timedOut: () => this.stop(StageReason.TimedOut),
      timings: () => events.timings(),
    });
  }

  /** Begins: the unit has waited for this. */
  start(): void {
    const { context } = this;
    context.record = startedUnit(context.stage, context.record);
    this.proceed();
  }

  /** Resumes a unit that was under way when the previous run continued as new. */
  resume(): void {
    this.proceed();
    if (this.context.stopping !== undefined) this.child.cancel();
  }

  /** Ends the unit, unless it has ended. */
  stop(why: Stopping): void {
    const { context } = this;
    const { record, stage } = context;
    if (!isUnitStarted(record) || record.stopping !== undefined) return;
    const grace = record.state === UnitState.Running ? graceOf(stage) : undefined;
    const terminateAt = grace === undefined ? undefined : Date.now() + grace * 1000;
    context.record = { ...record, stopping: why, ...present({ terminateAt }) };
    this.child.cancel();
  }

  /** The same at a user's request: then a try that took too long is not followed by another. */
  cancel(): void {
    const { record } = this.context;
    if (!isUnitStarted(record) || record.stopping !== StageReason.TimedOut) return this.stop(StageReason.Cancelled);
    this.context.record = { ...record, stopping: StageReason.Cancelled };
  }

  /** Ends a unit that waits for its next try, with the outcome of its last one. */
  startNoMore(): void {
    const { record } = this.context;
    const isWaiting = record.state === UnitState.Acquiring || record.state === UnitState.Retrying;
    if (isWaiting && record.stopping === undefined) {
      this.context.record = { ...record, stopping: StageReason.PipelineStopped };
    }
  }

  /** Signals to a pipeline that is a stage of this one whether this one is paused. */
  propagatePause(): void {
    this.child.propagatePause();
  }

  /** A semaphore's answer. @returns false where the unit does not want the place */
  grant(place: SemaphorePlace): boolean {
    const { record, run } = this.context;
    if (record.holdsSemaphore !== true || (record.ticket ?? 0) !== (place.ticket ?? 0)) return false;
    run.inFlight.grant(place);
    return true;
  }

  private proceed(): void {
    this.context.run.inFlight.active += 1;
    void this.untilSettled();
  }

  /** Ends where the run continues as new; the next run resumes it. */
  private async untilSettled(): Promise<void> {
    const { context } = this;
    const { controls, inFlight } = context.run;
    while (!isUnitSettled(context.record) && !controls.isContinuing) {
      try {
        await this.step();
      } catch (error) {
        if (error instanceof Continuing) return;
        this.end({ status: 'failed', reason: StageReason.Error, message: messageOf(error) });
      }
      await this.release();
    }
    if (controls.isContinuing) return;
    await this.release();
    inFlight.active -= 1;
    inFlight.wake();
  }

  private async step(): Promise<void> {
    const { record, stage } = this.context;
    if (record.state === UnitState.Acquiring) return this.acquire();
    if (record.state === UnitState.Retrying) return this.awaitRetry(record.retryAt);
    const ended = await this.child.run();
    this.end(isInConfigMap(stage, ended) ? await readOutputs(stage, ended) : tryOutcome(stage, ended));
  }

  private async acquire(): Promise<void> {
    const { context } = this;
    const outcome = await this.place!.acquire();
    if (outcome === 'stopped') this.endUnstarted();
    else if (outcome === 'granted')
      context.record = { ...startedUnit(context.stage, context.record), state: UnitState.Running };
  }

  private async awaitRetry(retryAt = 0): Promise<void> {
    const { context } = this;
    const { controls } = context.run;
    const left = Math.max(retryAt - Date.now(), 1);
    await condition(() => context.stopping !== undefined || controls.isContinuing, left, {
      summary: `${context.stage.name}: before try ${context.record.attempts + 1}`,
    });
    if (controls.isPaused()) await context.whilePaused();
    if (context.stopping === undefined) context.record = startedUnit(context.stage, context.record);
    else this.endUnstarted();
  }

  /** Releases the place of the semaphore once no try is under way. */
  private async release(): Promise<void> {
    const { record, run } = this.context;
    const isUnderWay = record.state === UnitState.Running || record.state === UnitState.Acquiring;
    if (record.holdsSemaphore !== true || isUnderWay || run.controls.isContinuing) return;
    await this.place!.release();
  }

  /** A try has ended. */
  private end(ended: TryOutcome): void {
    const { context } = this;
    const { record, stage, stopping } = context;
    const { plan, controls, inFlight } = context.run;
    const outcome = this.withinBudget(ended);
    const kept = lasting(record);
    inFlight.wake();
    if (outcome.status === 'succeeded') {
      context.record = { state: UnitState.Succeeded, ...kept, ...present({ outputs: outcome.outputs }) };
      return;
    }
    const { message } = 'message' in record ? record : {};
    const timedOut = stopping === StageReason.TimedOut;
    if (stopping === StageReason.Cancelled || (outcome.status === 'cancelled' && !timedOut)) {
      context.record = cancelledUnit(record, { reason: StageReason.Cancelled, ...present({ message }) });
      return;
    }
    const failure = outcome.status === 'failed' && !timedOut ? outcome : undefined;
    const why = {
      reason: failure?.reason ?? StageReason.TimedOut,
      message: failure?.message ?? `Timed out after ${stage.timeoutSeconds} s. ${message ?? ''}`.trim(),
    };
    const { maxAttempts = 1, ...pace } = stage.retry ?? {};
    const isPermanent = failure?.permanent === true || PERMANENT.has(failure?.reason ?? '');
    if (record.attempts < maxAttempts && plan.startsAfter(controls.stopped, stage) && !isPermanent) {
      const { intervalSeconds, backoffCoefficient, maxIntervalSeconds } = { ...DEFAULT_RETRY, ...pace };
      const delay = Math.min(intervalSeconds * backoffCoefficient ** (record.attempts - 1), maxIntervalSeconds);
      const retryAt = Date.now() + delay * 1000;
      const shortWhy = { ...why, message: why.message.slice(0, RETRY_MESSAGE_LIMIT) };
      context.record = { state: UnitState.Retrying, ...kept, retryAt, ...shortWhy };
      return;
    }
    context.record = { state: UnitState.Failed, ...kept, ...why, message: shortened(why.message) };
    this.events.failed(stage);
  }

  /**
   * The end of a unit that was to start a try and does not: that of its last try, where the run stops for a failure.
   */
  private endUnstarted(): void {
    const { context } = this;
    const { record, stopping } = context;
    if (stopping !== StageReason.PipelineStopped || record.attempts === 0) {
      context.record = cancelledUnit(record, present({ reason: stopping }));
      return;
    }
    const { reason, message } = 'reason' in record ? record : {};
    context.record = { state: UnitState.Failed, ...lasting(record), ...present({ reason, message }) };
  }

  /** Outputs that the run could not carry to the one that continues it fail their stage. */
  private withinBudget(outcome: TryOutcome): TryOutcome {
    const { ledger } = this.context.run;
    if (outcome.status !== 'succeeded' || outcome.outputs === undefined) return outcome;
    const bytes = jsonBytes(outcome.outputs);
    if (ledger.hasRoomFor(bytes)) return outcome;
    return {
      status: 'failed',
      permanent: true,
      reason: StageReason.OutputTooLarge,
      message: `The outputs take ${bytesText(bytes)}; this run can keep ${bytesText(ledger.remaining)} more. The limit for manifest, parameters and the outputs of all stages is ${bytesText(CARRIED_LIMIT)}. Write them to a file and output its path.`,
    };
  }
}

type Completed = Extract<ChildOutcome, { readonly status: 'completed' }>;

function isInConfigMap({ outputsFrom }: PipelineStage, ended: ChildOutcome): ended is Completed {
  return ended.status === 'completed' && outputsFrom === OutputSource.ConfigMap;
}

/** The end of a try whose driver left its outputs in a ConfigMap. */
async function readOutputs(stage: PipelineStage, ended: Completed): Promise<TryOutcome> {
  const { cluster, namespace, sparkApplicationId } = ended.result as SparkApplicationResult;
  const names = Object.keys(stage.outputs ?? {});
  try {
    const texts = await readStageOutputs.executeWithOptions({ summary: `read outputs of ${stage.name}` }, [
      { namespace, sparkApplicationId, names, ...present({ cluster }) },
    ]);
    return tryOutcome(stage, ended, texts);
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure)) throw error;
    return { status: 'failed', permanent: true, reason: cause.type ?? StageReason.Error, message: cause.message };
  }
}
