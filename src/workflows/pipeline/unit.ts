import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  proxyActivities,
  sleep,
  startChild,
  workflowInfo,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { PipelineStage } from '../../manifest/index.ts';
import { bytesText, CARRIED_LIMIT, jsonBytes } from '../../manifest/pipeline/size.ts';
import { OutputSource } from '../../manifest/pipeline/types.ts';
import { receivedTimings } from '../../timings/index.ts';
import {
  parentPausedSignal,
  releaseSemaphoreSignal,
  semaphoreWorkflowId,
  StageReason,
  stageWorkflowId,
  type ChildOutcome,
  type GrantedPlace,
  type PipelineActivities,
  type SemaphorePlace,
  type SparkActivities,
  type SparkApplicationResult,
} from '../../protocol/index.ts';
import { attributesOfChild } from '../application/search-attributes.ts';
import { childOutcome, tryOutcome, type TryOutcome } from './child-outcome.ts';
import { bounded, messageOf, type RunState } from './ledger.ts';
import { PERMANENT_FAILURES } from '../application/permanent-failures.ts';
import { stageChild, type StageChild } from './stage-child.ts';
import { isUnitSettled, UnitState, type StageRecord, type UnitRecord } from './stage-record.ts';

/** Of why a try failed, while another is awaited. */
const RETRY_MESSAGE_LIMIT = 300;

const DEFAULT_RETRY = { intervalSeconds: 10, backoffCoefficient: 2, maxIntervalSeconds: 600 };

/** What trying again can't mend. */
const PERMANENT: ReadonlySet<string> = new Set([
  ...PERMANENT_FAILURES,
  StageReason.ExpressionFailed,
  StageReason.InputTooLarge,
]);

const short = proxyActivities<PipelineActivities>({ startToCloseTimeout: '1 minute' });
const cluster = proxyActivities<SparkActivities>({ startToCloseTimeout: '1 minute' });
const long = proxyActivities<PipelineActivities>({ startToCloseTimeout: '30 days' });

/** The run continues as new: somebody else goes on from here. */
class Continuing extends Error {}

/** Sees units through: a stage, or one item of a fan-out, from its semaphore to its last try. */
export class UnitRunner {
  private readonly state: RunState;
  private readonly onFailure: (stage: PipelineStage) => void;

  /** @param onFailure is told of each unit that has failed for good */
  constructor(state: RunState, onFailure: (stage: PipelineStage) => void) {
    this.state = state;
    this.onFailure = onFailure;
  }

  /** Begins a unit that waits for a place. */
  start(stage: PipelineStage, record: StageRecord, index: number): void {
    record.units[index]!.state = firstState(stage);
    this.goOn(stage, record, index);
  }

  /** Takes up a unit that was under way when the run before continued as new. */
  resume(stage: PipelineStage, record: StageRecord, index: number): void {
    const unit = record.units[index]!;
    this.goOn(stage, record, index);
    if (unit.stopping !== undefined) this.cancelChild(stage, unit, index);
  }

  /** Has a unit end that has not. */
  stop(stage: PipelineStage, unit: UnitRecord, index: number, why: NonNullable<UnitRecord['stopping']>): void {
    if (isUnitSettled(unit) || unit.stopping !== undefined) return;
    if (unit.state === UnitState.Waiting) unit.state = UnitState.Cancelled;
    else {
      unit.stopping = why;
      const grace = graceOf(stage);
      if (grace !== undefined) unit.terminateAt = Date.now() + grace * 1000;
      this.cancelChild(stage, unit, index);
    }
  }

  /** The same because somebody wants this stage to end: then a try that took too long is not followed by another. */
  cancel(stage: PipelineStage, unit: UnitRecord, index: number): void {
    if (unit.stopping === StageReason.TimedOut) unit.stopping = StageReason.Cancelled;
    else this.stop(stage, unit, index, StageReason.Cancelled);
  }

  /** Tells a pipeline that is a stage of this one whether this one is paused. */
  tellOfPause(stage: PipelineStage, { runId }: UnitRecord, index: number): void {
    const { state } = this;
    // One that is only just starting is told as soon as it has.
    if (runId === undefined) return;
    const { note } = state.pause ?? {};
    const pause = { paused: state.pause !== undefined, ...(note === undefined ? {} : { note }) };
    const child = getExternalWorkflowHandle(this.childId(stage, index));
    // It may have ended in the meantime.
    void state.counted(() => child.signal(parentPausedSignal, pause).catch(() => undefined));
  }

  private goOn(stage: PipelineStage, record: StageRecord, index: number): void {
    this.state.active += 1;
    void this.drive(stage, record, index);
  }

  /** Ends where the run continues as new; the next takes it up. */
  private async drive(stage: PipelineStage, record: StageRecord, index: number): Promise<void> {
    const { state } = this;
    const unit = record.units[index]!;
    while (!isUnitSettled(unit) && !state.continuing) {
      try {
        if (unit.state === UnitState.Acquiring) await this.acquire(stage, unit, index);
        else if (unit.state === UnitState.Retrying) await this.awaitRetry(stage, unit);
        else {
          const ended = await this.try(stage, record, unit, index);
          this.apply(
            stage,
            unit,
            isInConfigMap(stage, ended) ? await readOutputs(stage, ended) : tryOutcome(stage, ended),
          );
        }
      } catch (error) {
        if (error instanceof Continuing) return;
        this.apply(stage, unit, { status: 'failed', reason: StageReason.Error, message: messageOf(error) });
      }
      await this.release(stage, unit, index);
    }
    if (state.continuing) return;
    await this.release(stage, unit, index);
    state.active -= 1;
    state.wake();
  }

  /** Nobody takes a place while the run is paused: what waits for one, or was just granted it, stands back. */
  private async acquire(stage: PipelineStage, unit: UnitRecord, index: number): Promise<void> {
    const { state } = this;
    if (unit.holdsSemaphore !== true) {
      if (state.isPaused()) await this.whilePaused(unit);
      if (unit.stopping !== undefined) return this.endUnstarted(unit);
      unit.ticket = unit.ticket === undefined ? 0 : unit.ticket + 1;
      // From here on an answer may come.
      unit.holdsSemaphore = true;
    }
    const place = this.placeOf(stage, unit, index);
    const { workflowId, taskQueue } = workflowInfo();
    const { name, limit } = stage.semaphore!;
    await state.counted(() =>
      short.requestSemaphore.executeWithOptions({ summary: name }, [
        { name, limit, ...place, requester: workflowId, taskQueue },
      ]),
    );
    await condition(() => state.granted.has(placeKey(place)) || unit.stopping !== undefined || state.isPaused());
    if (state.continuing) throw new Continuing();
    if (unit.stopping !== undefined) this.endUnstarted(unit);
    else if (state.isPaused()) await this.giveBack(stage, unit, index);
    else unit.state = UnitState.Running;
  }

  /** Waits for the end of a pause. */
  private async whilePaused(unit: UnitRecord): Promise<void> {
    const { state } = this;
    await condition(() => !state.isPaused() || unit.stopping !== undefined || state.continuing);
    if (state.continuing) throw new Continuing();
  }

  /** A semaphore's answer. */
  grant(unit: UnitRecord | undefined, { semaphore, ...place }: GrantedPlace): void {
    const isWanted = unit?.holdsSemaphore === true && (unit.ticket ?? 0) === (place.ticket ?? 0);
    if (isWanted) this.state.granted.add(placeKey(place));
    else void this.sendRelease(semaphore, place);
  }

  /** Has a unit end, with what became of its last try, that waits to start one. */
  startNoMore(unit: UnitRecord): void {
    if (unit.state === UnitState.Acquiring || unit.state === UnitState.Retrying)
      unit.stopping ??= StageReason.PipelineStopped;
  }

  /** Gives the semaphore back once no try is under way. */
  private async release(stage: PipelineStage, unit: UnitRecord, index: number): Promise<void> {
    const { state } = this;
    const isUnderWay = unit.state === UnitState.Running || unit.state === UnitState.Acquiring;
    if (unit.holdsSemaphore !== true || isUnderWay || state.continuing) return;
    await this.giveBack(stage, unit, index);
  }

  private async giveBack(stage: PipelineStage, unit: UnitRecord, index: number): Promise<void> {
    const place = this.placeOf(stage, unit, index);
    delete unit.holdsSemaphore;
    this.state.granted.delete(placeKey(place));
    await this.sendRelease(stage.semaphore!.name, place);
  }

  private async sendRelease(name: string, place: SemaphorePlace): Promise<void> {
    const semaphore = getExternalWorkflowHandle(semaphoreWorkflowId(name));
    // It ends when nobody holds it, so it may be gone.
    await this.state.counted(() => semaphore.signal(releaseSemaphoreSignal, place).catch(() => undefined));
  }

  private async awaitRetry(stage: PipelineStage, unit: UnitRecord): Promise<void> {
    const { state } = this;
    const left = Math.max((unit.retryAt ?? 0) - Date.now(), 1);
    await condition(() => unit.stopping !== undefined || state.continuing, left, {
      summary: `${stage.name}: before try ${unit.attempts + 1}`,
    });
    if (state.isPaused()) await this.whilePaused(unit);
    delete unit.retryAt;
    if (unit.stopping === undefined) unit.state = firstState(stage);
    else this.endUnstarted(unit);
  }

  private async try(stage: PipelineStage, record: StageRecord, unit: UnitRecord, index: number): Promise<ChildOutcome> {
    const { state } = this;
    const workflowId = this.childId(stage, index);
    if (unit.runId !== undefined) {
      const { runId } = unit;
      const summary = this.unitName(stage, index);
      const { heartbeatTimeoutMs: heartbeatTimeout } = receivedTimings(state.carriedTimings);
      return this.withDeadline(stage, unit, index, () =>
        long.waitForWorkflow.executeWithOptions({ summary, heartbeatTimeout }, [{ workflowId, runId }]),
      );
    }
    if (state.isPaused()) await this.whilePaused(unit);
    if (unit.stopping !== undefined) return { status: 'cancelled' };
    let child: StageChild;
    try {
      const item = record.items === undefined ? undefined : { item: record.items[index], index };
      child = stageChild(state.manifest, stage, state.scope.evaluator(item), {
        workflowId,
        ...(item === undefined ? {} : { index }),
        scheduleTime: state.scheduleTime,
        timeZone: state.timeZone,
        ...(state.history === undefined ? {} : { history: state.history }),
      });
    } catch (error) {
      return { status: 'failed', reason: StageReason.ExpressionFailed, message: messageOf(error) };
    }
    // Temporal would end the whole pipeline.
    if (jsonBytes(child.args) > CARRIED_LIMIT) {
      const message = `What it is given takes ${bytesText(jsonBytes(child.args))}; at most ${bytesText(CARRIED_LIMIT)} are possible. Write it to a file and give its path.`;
      return { status: 'failed', reason: StageReason.InputTooLarge, message };
    }
    unit.attempts += 1;
    delete unit.reason;
    state.explain(unit);
    if (stage.timeoutSeconds !== undefined) unit.deadline = Date.now() + stage.timeoutSeconds * 1000;
    const { workflowType, args, taskQueue, summary } = child;
    const handle = await state.counted(async () => {
      const started = await startChild(workflowType, {
        workflowId,
        args,
        ...(taskQueue === undefined ? {} : { taskQueue }),
        staticSummary: `${this.unitName(stage, index)} · ${summary}`,
        ...attributesOfChild(workflowType, args[0]),
        memo: { pipeline: state.manifest.metadata.name, run: state.run, stage: this.unitName(stage, index) },
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        parentClosePolicy: ParentClosePolicy.ABANDON,
        cancellationType: ChildWorkflowCancellationType.ABANDON,
      });
      unit.runId = started.firstExecutionRunId;
      return started;
    });
    state.show();
    if (unit.stopping !== undefined) this.cancelChild(stage, unit, index);
    if (stage.pipeline !== undefined && state.toldPaused) this.tellOfPause(stage, unit, index);
    return this.withDeadline(stage, unit, index, async () => {
      try {
        return { status: 'completed', result: await handle.result() };
      } catch (error) {
        return childOutcome(error);
      }
    });
  }

  private async withDeadline(
    stage: PipelineStage,
    unit: UnitRecord,
    index: number,
    wait: () => Promise<ChildOutcome>,
  ): Promise<ChildOutcome> {
    const { deadline } = unit;
    const clock = new CancellationScope();
    if (deadline !== undefined) {
      const summary = `time limit of ${stage.name}`;
      clock
        .run(() => sleep(Math.max(deadline - Date.now(), 1), { summary }))
        .then(
          () => this.stop(stage, unit, index, StageReason.TimedOut),
          () => undefined,
        );
    }
    clock.run(() => this.terminateAfterGrace(stage, unit, index)).catch(() => undefined);
    try {
      return await wait();
    } finally {
      clock.cancel();
    }
  }

  /** A child that does not heed its cancel must not hold the pipeline for ever. */
  private async terminateAfterGrace(stage: PipelineStage, unit: UnitRecord, index: number): Promise<void> {
    const { state } = this;
    const { runId } = unit;
    if (graceOf(stage) === undefined) return;
    await condition(() => unit.terminateAt !== undefined);
    await sleep(Math.max(unit.terminateAt! - Date.now(), 1), { summary: `${stage.name}: until it is terminated` });
    if (unit.runId !== runId || runId === undefined || state.continuing) return;
    const reason = `It did not end within ${graceOf(stage)} s of being cancelled, and was terminated.`;
    state.explain(unit, reason);
    await state.counted(() =>
      CancellationScope.nonCancellable(() =>
        short.terminateWorkflow.executeWithOptions({ summary: this.unitName(stage, index) }, [
          { workflowId: this.childId(stage, index), runId, reason },
        ]),
      ),
    );
  }

  private apply(stage: PipelineStage, unit: UnitRecord, ended: TryOutcome): void {
    const { state } = this;
    const { stopping } = unit;
    const outcome = this.withinBudget(ended);
    delete unit.runId;
    delete unit.deadline;
    delete unit.terminateAt;
    state.wake();
    if (outcome.status === 'succeeded') {
      unit.state = UnitState.Succeeded;
      if (outcome.outputs !== undefined) unit.outputs = outcome.outputs;
      return;
    }
    const timedOut = stopping === StageReason.TimedOut;
    if (stopping === StageReason.Cancelled || (outcome.status === 'cancelled' && !timedOut)) {
      unit.state = UnitState.Cancelled;
      unit.reason = StageReason.Cancelled;
      return;
    }
    const failure = outcome.status === 'failed' && !timedOut ? outcome : undefined;
    const { maxAttempts = 1, ...pace } = stage.retry ?? {};
    const mayRetry = state.stopped === undefined || state.startsAfterStop(stage);
    const isPermanent = failure?.permanent === true || PERMANENT.has(failure?.reason ?? '');
    if (unit.attempts < maxAttempts && mayRetry && !isPermanent) {
      const { intervalSeconds, backoffCoefficient, maxIntervalSeconds } = { ...DEFAULT_RETRY, ...pace };
      const delay = Math.min(intervalSeconds * backoffCoefficient ** (unit.attempts - 1), maxIntervalSeconds);
      unit.retryAt = Date.now() + delay * 1000;
      unit.state = UnitState.Retrying;
      delete unit.stopping;
      // In case there is no other try.
      unit.reason = failure?.reason ?? StageReason.TimedOut;
      state.explain(unit, (failure?.message ?? timedOutMessage(stage, unit)).slice(0, RETRY_MESSAGE_LIMIT));
      return;
    }
    unit.state = UnitState.Failed;
    unit.reason = failure?.reason ?? StageReason.TimedOut;
    state.explain(unit, bounded(failure?.message ?? timedOutMessage(stage, unit)));
    this.onFailure(stage);
  }

  /** The end of a unit that was to start a try and does not: what became of the last one, if the run stops for a failure. */
  private endUnstarted(unit: UnitRecord): void {
    const hasFailed = unit.stopping === StageReason.PipelineStopped && unit.attempts > 0;
    unit.state = hasFailed ? UnitState.Failed : UnitState.Cancelled;
    if (hasFailed) return;
    unit.reason = unit.stopping!;
    this.state.explain(unit);
  }

  /** Outputs that the run could not hand on to the one that continues it fail their stage. */
  private withinBudget(outcome: TryOutcome): TryOutcome {
    const { budget } = this.state;
    if (outcome.status !== 'succeeded' || outcome.outputs === undefined) return outcome;
    const bytes = jsonBytes(outcome.outputs);
    if (budget.take(bytes)) return outcome;
    return {
      status: 'failed',
      permanent: true,
      reason: StageReason.OutputTooLarge,
      message: `Its outputs take ${bytesText(bytes)}, of which this run can keep ${bytesText(budget.remaining)} more: manifest, parameters and the outputs of all stages take at most ${bytesText(CARRIED_LIMIT)} together. Write them to a file and give its path.`,
    };
  }

  /** Asks the child to end; its end is heard of where it is waited for. */
  private cancelChild(stage: PipelineStage, unit: UnitRecord, index: number): void {
    const { state } = this;
    // One that is only just starting is asked as soon as it has; one whose pipeline continues as new, by the next run.
    if (unit.runId === undefined || state.continuing) return;
    const child = getExternalWorkflowHandle(this.childId(stage, index));
    // Not in the scope of the caller, which a cancel of the whole has cancelled. The child may have ended in the meantime.
    void state.counted(() => CancellationScope.nonCancellable(() => child.cancel()).catch(() => undefined));
  }

  private placeOf(stage: PipelineStage, { ticket = 0 }: UnitRecord, index: number): SemaphorePlace {
    return { holder: this.childId(stage, index), ticket };
  }

  private childId(stage: PipelineStage, index: number): string {
    return stageWorkflowId(workflowInfo().workflowId, this.unitName(stage, index));
  }

  /** The stage, and of a fan-out the item as well. */
  private unitName({ name, forEach }: PipelineStage, index: number): string {
    if (forEach === undefined) return name;
    const { itemDigits = 1 } = this.state.records[name]!;
    return `${name}/${String(index).padStart(itemDigits, '0')}`;
  }
}

/**
 * Seconds that a child has to end once it was asked to. Undefined for one that is never terminated: an application would
 * leave its driver behind, and a pipeline its children; both see to their own end.
 */
function graceOf({ workflow, activity, terminateAfterSeconds = 600 }: PipelineStage): number | undefined {
  return workflow === undefined && activity === undefined ? undefined : terminateAfterSeconds;
}

function timedOutMessage({ timeoutSeconds }: PipelineStage, { message = '' }: UnitRecord): string {
  return `It took longer than ${timeoutSeconds} s. ${message}`.trim();
}

const placeKey = ({ holder, ticket = 0 }: SemaphorePlace): string => `${holder}#${ticket}`;

function firstState({ semaphore }: PipelineStage): UnitState {
  return semaphore === undefined ? UnitState.Running : UnitState.Acquiring;
}

type Completed = Extract<ChildOutcome, { readonly status: 'completed' }>;

function isInConfigMap({ outputsFrom }: PipelineStage, ended: ChildOutcome): ended is Completed {
  return ended.status === 'completed' && outputsFrom === OutputSource.ConfigMap;
}

/** The end of a try whose driver left its outputs in a ConfigMap. */
async function readOutputs(stage: PipelineStage, ended: Completed): Promise<TryOutcome> {
  const { cluster: on, namespace, sparkApplicationId } = ended.result as SparkApplicationResult;
  const names = Object.keys(stage.outputs ?? {});
  try {
    const texts = await cluster.readStageOutputs.executeWithOptions({ summary: stage.name }, [
      { namespace, sparkApplicationId, names, ...(on === undefined ? {} : { cluster: on }) },
    ]);
    return tryOutcome(stage, ended, texts);
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure)) throw error;
    return { status: 'failed', permanent: true, reason: cause.type ?? StageReason.Error, message: cause.message };
  }
}
