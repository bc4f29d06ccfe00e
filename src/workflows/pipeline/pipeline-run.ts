import {
  allHandlersFinished,
  ApplicationFailure,
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowCancellationType,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  proxyActivities,
  setCurrentDetails,
  sleep,
  startChild,
  upsertMemo,
  workflowInfo,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { PipelineActivities } from '../../activities/index.ts';
import type { PipelineStage, SparkPipeline, SparkPipelineManifest } from '../../manifest/index.ts';
import { dependenciesOf, inOrder } from '../../manifest/pipeline/graph.ts';
import { ParameterError, resolveParameters } from '../../manifest/pipeline/parameters.ts';
import { render } from '../../manifest/pipeline/template.ts';
import { DependencyCondition, FailurePolicy } from '../../manifest/pipeline/types.ts';
import { isOfType } from '../../manifest/pipeline/value-type.ts';
import {
  PipelineState,
  releaseSemaphoreSignal,
  RESULT_MEMO,
  semaphoreWorkflowId,
  SPARK_PIPELINE_FAILED,
  StageState,
  stageWorkflowId,
  type KeptStages,
  type SparkPipelineResult,
  type SparkPipelineStatus,
} from '../definitions/index.ts';
import { childOutcome, tryOutcome, type ChildOutcome, type TryOutcome } from './child-outcome.ts';
import { pipelineDetails } from './pipeline-details.ts';
import { PipelineScope } from './pipeline-scope.ts';
import { scheduleFacts } from './schedule-facts.ts';
import { stageChild, type StageChild } from './stage-child.ts';
import { isSettled, isUnitSettled, stageStatus, UnitState, type StageRecord, type UnitRecord } from './stage-record.ts';

/** Settings of a run that are not part of the manifest. */
export interface SparkPipelineOptions {
  /** Values of the manifest's parameters. @default each parameter's default */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Stages that an earlier run has done. @default none */
  readonly keep?: KeptStages;
  /** RFC 3339; what `schedule.time` is. @default when the schedule was due, else when the run started */
  readonly scheduleTime?: string;
  /** IANA zone that `schedule.date` is a day of. @default 'UTC' */
  readonly timeZone?: string;
  /** Events of its history after which it continues as new. @default when Temporal suggests it */
  readonly maxHistoryEvents?: number;
}

/** Why no more stages start. */
const Stop = {
  /** What runs is cancelled. */
  FailFast: 'FailFast',
  /** What runs finishes. */
  FinishRunning: 'FinishRunning',
  Cancelled: 'Cancelled',
  TimedOut: 'TimedOut',
} as const;
type Stop = (typeof Stop)[keyof typeof Stop];

/** What a run hands to the one that continues it. */
export interface CarriedPipeline {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly scheduleTime: string;
  readonly startedAt: string;
  readonly pause?: { readonly note?: string };
  readonly stop?: Stop;
  readonly granted: readonly string[];
  readonly stages: Readonly<Record<string, StageRecord>>;
}

const DEFAULT_MAX_CONCURRENT = 200;
const MAX_ITEMS = 10_000;
const DEFAULT_RETRY = { intervalSeconds: 10, backoffCoefficient: 2, maxIntervalSeconds: 600 };

const short = proxyActivities<PipelineActivities>({ startToCloseTimeout: '1 minute' });
const long = proxyActivities<PipelineActivities>({ startToCloseTimeout: '30 days', heartbeatTimeout: '45 seconds' });

/**
 * One run of a pipeline: starts each stage as a child workflow when what it depends on has ended as it should.
 *
 * Children are abandoned to themselves as far as Temporal is concerned, because they have to live on while this workflow
 * continues as new; what ends them is this class, by asking each. After continuing as new, a child that was running is
 * waited for by an activity. Nothing is under way to start or end a child at that moment (`busy`), so none is lost and
 * none starts twice.
 */
export class PipelineRun {
  private readonly manifest: SparkPipeline;
  private readonly options: SparkPipelineOptions;
  private readonly order: readonly PipelineStage[];
  private readonly records: Readonly<Record<string, StageRecord>>;
  private readonly scope: PipelineScope;
  private readonly scheduleTime: string;
  private readonly startedAt: string;
  private readonly granted: Set<string>;
  private readonly resumed: boolean;
  private parameters: Readonly<Record<string, unknown>>;
  private pausedWith: { readonly note?: string } | undefined;
  private stopped: Stop | undefined;
  private finished: PipelineState | undefined;
  private finishedAt: string | undefined;
  /** Units that count against the limit. */
  private active = 0;
  /** Commands under way whose effect has to be known before the run can continue as new. */
  private busy = 0;
  private continuing = false;
  private woken = false;

  constructor(manifest: SparkPipelineManifest, options: SparkPipelineOptions, carried?: CarriedPipeline) {
    const { metadata, spec } = (manifest ?? {}) as Partial<SparkPipelineManifest>;
    if (typeof metadata?.name !== 'string' || !Array.isArray(spec?.stages)) {
      throw ApplicationFailure.nonRetryable(
        'The first argument must be a SparkPipeline manifest as JSON, with metadata.name and spec.stages.',
        'InvalidManifest',
      );
    }
    const { name, namespace = 'default', labels = {}, annotations = {} } = metadata;
    this.manifest = { ...manifest, metadata: { ...metadata, name, namespace, labels, annotations } };
    this.options = options;
    const stages = inOrder(manifest.spec.stages);
    this.order = [...stages.filter(({ always }) => always !== true), ...stages.filter(({ always }) => always === true)];
    this.records = carried?.stages ?? Object.fromEntries(stages.map((stage) => [stage.name, this.fresh(stage)]));
    this.resumed = carried !== undefined;
    this.parameters = carried?.parameters ?? {};
    this.startedAt = carried?.startedAt ?? now();
    this.granted = new Set(carried?.granted);
    this.pausedWith = carried?.pause;
    this.stopped = carried?.stop;
    const schedule = scheduleFacts(carried?.scheduleTime ?? options.scheduleTime, options.timeZone);
    this.scheduleTime = schedule.time;
    const { workflowId } = workflowInfo();
    this.scope = new PipelineScope({ run: { id: this.run, workflowId }, pipeline: { name, namespace }, schedule });
  }

  /**
   * @returns the result of a pipeline that completed
   * @throws ApplicationFailure `SparkPipelineFailed`, with the result as its detail
   * @throws CancelledFailure with the result in the memo
   */
  async execute(): Promise<SparkPipelineResult> {
    CancellationScope.current().cancelRequested.catch(() => this.stop(Stop.Cancelled));
    return CancellationScope.nonCancellable(async () => {
      await (this.resumed ? this.resume() : this.begin());
      void this.watchTheClock();
      await this.untilOver();
      return this.conclude();
    });
  }

  status(): SparkPipelineStatus {
    const { name, namespace } = this.manifest.metadata;
    return {
      state: this.state,
      namespace,
      name,
      run: this.run,
      parameters: this.parameters,
      scheduleTime: this.scheduleTime,
      ...(this.pausedWith?.note === undefined ? {} : { note: this.pausedWith.note }),
      stages: this.manifest.spec.stages.map((stage) => stageStatus(stage.name, this.records[stage.name]!)),
      startedAt: this.startedAt,
      ...(this.finishedAt === undefined ? {} : { finishedAt: this.finishedAt }),
    };
  }

  pause(note?: string): void {
    this.pausedWith = note === undefined ? {} : { note };
    this.wake();
  }

  unpause(): void {
    this.pausedWith = undefined;
    this.wake();
  }

  /** What is wrong with cancelling a stage of that name, if anything. */
  cancelFault(name: string): string | undefined {
    const record = this.records[name];
    if (record === undefined)
      return `There is no stage ${name}; there are ${Object.keys(this.records).slice(0, 20).join(', ')}.`;
    return isSettled(record) ? `The stage ${name} has ended: ${record.state}.` : undefined;
  }

  cancelStage(name: string): void {
    const record = this.records[name]!;
    const stage = this.order.find((each) => each.name === name)!;
    if (record.state === StageState.Pending) this.settle(stage, record, StageState.Cancelled, 'Cancelled');
    else record.units.forEach((unit, index) => this.stopUnit(stage, unit, index, 'Cancelled'));
    this.wake();
  }

  grant(holder: string): void {
    this.granted.add(holder);
  }

  private get run(): string {
    return workflowInfo().workflowId.split('/').slice(2).join('/') || workflowInfo().workflowId;
  }

  private get state(): PipelineState {
    if (this.finished !== undefined) return this.finished;
    if (this.stopped !== undefined) return PipelineState.Stopping;
    return this.pausedWith === undefined ? PipelineState.Running : PipelineState.Paused;
  }

  private fresh(stage: PipelineStage): StageRecord {
    const kept = stage.always === true ? undefined : this.options.keep?.[stage.name];
    if (kept === undefined) return { state: StageState.Pending, units: [] };
    return {
      state: StageState.Succeeded,
      kept: true,
      units: [],
      ...(kept.outputs === undefined ? {} : { outputs: kept.outputs }),
    };
  }

  private async begin(): Promise<void> {
    try {
      await short.checkSparkPipeline.executeWithOptions({ summary: this.manifest.metadata.name }, [this.manifest]);
      this.parameters = resolveParameters(this.manifest.spec, this.options.parameters ?? {}, this.scope.evaluator());
    } catch (error) {
      if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) throw error.cause;
      if (error instanceof ParameterError) throw ApplicationFailure.nonRetryable(error.message, error.type);
      throw error;
    }
    this.scope.setParameters(this.manifest.spec, this.parameters);
    for (const stage of this.order) if (isSettled(this.records[stage.name]!)) this.publish(stage);
  }

  /** Takes up again what ran when the run before continued as new. */
  private async resume(): Promise<void> {
    this.scope.setParameters(this.manifest.spec, this.parameters);
    for (const stage of this.order) {
      const record = this.records[stage.name]!;
      if (isSettled(record)) this.publish(stage);
      record.units.forEach((unit, index) => {
        if (unit.state === UnitState.Waiting || (isUnitSettled(unit) && unit.holdsSemaphore !== true)) return;
        this.active += 1;
        void this.drive(stage, record, index);
        if (unit.stopping !== undefined) this.cancelChild(stage, unit, index);
      });
    }
  }

  private async watchTheClock(): Promise<void> {
    const { timeoutSeconds } = this.manifest.spec;
    if (timeoutSeconds === undefined) return;
    const left = Date.parse(this.startedAt) + timeoutSeconds * 1000 - Date.now();
    await sleep(Math.max(left, 1), { summary: 'time limit of the pipeline' });
    this.stop(Stop.TimedOut);
  }

  private async untilOver(): Promise<void> {
    for (;;) {
      this.woken = false;
      this.advance();
      setCurrentDetails(pipelineDetails(this.status(), workflowInfo().workflowId, Date.now()));
      if (this.order.every((stage) => isSettled(this.records[stage.name]!)) && this.active === 0) return;
      await condition(() => this.woken);
      if (this.isHistoryLong()) await this.continueAsNew();
    }
  }

  private isHistoryLong(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    return continueAsNewSuggested || historyLength >= (this.options.maxHistoryEvents ?? Infinity);
  }

  private async continueAsNew(): Promise<never> {
    this.continuing = true;
    await condition(() => this.busy === 0 && allHandlersFinished());
    const { keep: _, ...options } = this.options;
    const carried: CarriedPipeline = {
      parameters: this.parameters,
      scheduleTime: this.scheduleTime,
      startedAt: this.startedAt,
      ...(this.pausedWith === undefined ? {} : { pause: this.pausedWith }),
      ...(this.stopped === undefined ? {} : { stop: this.stopped }),
      granted: [...this.granted],
      stages: this.records,
    };
    return continueAsNew(this.manifest, options, carried);
  }

  /** Starts what may start, and ends what is over; each stage comes after all it depends on. */
  private advance(): void {
    for (const stage of this.order) {
      const record = this.records[stage.name]!;
      if (record.state === StageState.Pending) this.consider(stage, record);
      if (record.state === StageState.Running) this.advanceUnits(stage, record);
    }
  }

  private consider(stage: PipelineStage, record: StageRecord): void {
    const dependencies = dependenciesOf(stage);
    if (this.stopped !== undefined && !this.startsAfterStop(stage)) {
      this.settle(stage, record, StageState.Skipped, this.stopped === Stop.Cancelled ? 'Cancelled' : 'PipelineStopped');
      return;
    }
    const isOpen = ({ name }: PipelineStage): boolean => !isSettled(this.records[name]!);
    const waits =
      stage.always === true && dependencies.length === 0
        ? this.order.some((other) => other.always !== true && isOpen(other))
        : dependencies.some((each) => !isSettled(this.records[each.stage]!));
    if (waits) return;
    const unmet = dependencies.find((each) => !this.holds(each.stage, each.condition));
    if (unmet !== undefined) {
      const message = `${unmet.stage} has ${unmet.condition === DependencyCondition.Failed ? 'not failed' : 'not succeeded'}`;
      this.settle(stage, record, StageState.Skipped, 'DependencyNotMet', message);
      return;
    }
    if (this.isPaused() || this.active >= this.maxConcurrent) return;
    try {
      if (stage.when !== undefined && !this.scope.isTrue(stage.when)) {
        this.settle(stage, record, StageState.Skipped, 'ConditionFalse');
        return;
      }
      const items = this.itemsOf(stage);
      record.state = StageState.Running;
      record.startedAt = now();
      if (items !== undefined) record.items = items;
      record.units = Array.from({ length: items?.length ?? 1 }, () => ({ state: UnitState.Waiting, attempts: 0 }));
    } catch (error) {
      this.settle(stage, record, StageState.Failed, 'ExpressionFailed', messageOf(error));
      this.afterFailure(stage);
    }
  }

  private holds(name: string, wanted: DependencyCondition): boolean {
    const { state } = this.records[name]!;
    switch (wanted) {
      case DependencyCondition.Succeeded:
        return state === StageState.Succeeded;
      case DependencyCondition.Failed:
        return state === StageState.Failed;
      case DependencyCondition.Completed:
        return true;
      default:
        return wanted satisfies never;
    }
  }

  /** Clean-up always does; so does what waits for a failure, unless somebody wants the whole to end. */
  private startsAfterStop(stage: PipelineStage): boolean {
    if (stage.always === true) return true;
    if (this.stopped === Stop.Cancelled || this.stopped === Stop.TimedOut) return false;
    return dependenciesOf(stage).some((each) => each.condition === DependencyCondition.Failed);
  }

  private itemsOf({ forEach }: PipelineStage): readonly unknown[] | undefined {
    if (forEach === undefined) return undefined;
    const evaluate = this.scope.evaluator();
    const items =
      forEach.range === undefined ? render(forEach.items, evaluate) : rangeOf(render(forEach.range, evaluate));
    if (!Array.isArray(items)) throw new Error('forEach.items is no list');
    if (items.length > MAX_ITEMS)
      throw new Error(`forEach has ${items.length} items; at most ${MAX_ITEMS} are allowed`);
    return items as unknown[];
  }

  private get maxConcurrent(): number {
    return this.manifest.spec.maxConcurrentStages ?? DEFAULT_MAX_CONCURRENT;
  }

  private isPaused(): boolean {
    return this.continuing || (this.pausedWith !== undefined && this.stopped === undefined);
  }

  private advanceUnits(stage: PipelineStage, record: StageRecord): void {
    const { units } = record;
    let running = units.filter((unit) => unit.state !== UnitState.Waiting && !isUnitSettled(unit)).length;
    for (const [index, unit] of units.entries()) {
      if (unit.state !== UnitState.Waiting) continue;
      if (this.stopped !== undefined && !this.startsAfterStop(stage)) {
        unit.state = UnitState.Cancelled;
        continue;
      }
      if (this.isPaused() || this.active >= this.maxConcurrent) break;
      if (running >= (stage.forEach?.maxConcurrent ?? Infinity)) break;
      running += 1;
      this.active += 1;
      unit.state = this.firstState(stage);
      void this.drive(stage, record, index);
    }
    if (units.every(isUnitSettled)) this.settleUnits(stage, record);
  }

  private firstState({ semaphore }: PipelineStage): UnitState {
    return semaphore === undefined ? UnitState.Running : UnitState.Acquiring;
  }

  private settleUnits(stage: PipelineStage, record: StageRecord): void {
    const { units, items } = record;
    const worst =
      units.find(({ state }) => state === UnitState.Failed) ?? units.find(({ state }) => state === UnitState.Cancelled);
    if (worst !== undefined) {
      const state = worst.state === UnitState.Failed ? StageState.Failed : StageState.Cancelled;
      this.settle(stage, record, state, worst.reason ?? 'PipelineStopped', worst.message);
      return;
    }
    const names = Object.keys(stage.pipeline?.outputs ?? stage.outputs ?? {});
    const outputs =
      items === undefined
        ? units[0]!.outputs
        : Object.fromEntries(names.map((name) => [name, units.map((unit) => unit.outputs?.[name])]));
    if (outputs !== undefined && names.length > 0) record.outputs = outputs;
    this.settle(stage, record, StageState.Succeeded);
  }

  private settle(
    stage: PipelineStage,
    record: StageRecord,
    state: StageState,
    reason?: string,
    message?: string,
  ): void {
    record.state = state;
    if (record.startedAt !== undefined) record.finishedAt = now();
    if (reason !== undefined) record.reason = reason;
    if (message !== undefined) record.message = bounded(message);
    // What a later run is handed stays small.
    for (const unit of record.units) {
      delete unit.outputs;
      delete unit.reason;
      delete unit.message;
    }
    this.publish(stage);
    if (state === StageState.Cancelled) this.afterFailure(stage);
    this.wake();
  }

  private publish(stage: PipelineStage): void {
    this.scope.addStage(stage, this.records[stage.name]!);
  }

  /** The policy decides what a failure means for the others. */
  private afterFailure({ always, allowFailure }: PipelineStage): void {
    if (always === true || allowFailure === true) return;
    const policy = this.manifest.spec.failurePolicy ?? FailurePolicy.FinishRunning;
    switch (policy) {
      case FailurePolicy.Continue:
        return;
      case FailurePolicy.FailFast:
        return this.stop(Stop.FailFast);
      case FailurePolicy.FinishRunning:
        return this.stop(Stop.FinishRunning);
      default:
        return policy satisfies never;
    }
  }

  private stop(how: Stop): void {
    // A cancel goes further than a failure; the first of two alike counts.
    const isHarder = this.stopped === Stop.FailFast || this.stopped === Stop.FinishRunning;
    const isFailure = how === Stop.FailFast || how === Stop.FinishRunning;
    if (this.stopped !== undefined && (!isHarder || isFailure)) return;
    this.stopped = how;
    this.wake();
    if (how === Stop.FinishRunning) return;
    for (const stage of this.order) {
      if (this.startsAfterStop(stage)) continue;
      this.records[stage.name]!.units.forEach((unit, index) => this.stopUnit(stage, unit, index, 'Cancelled'));
    }
  }

  private stopUnit(
    stage: PipelineStage,
    unit: UnitRecord,
    index: number,
    why: NonNullable<UnitRecord['stopping']>,
  ): void {
    if (isUnitSettled(unit) || unit.stopping !== undefined) return;
    if (unit.state === UnitState.Waiting) unit.state = UnitState.Cancelled;
    else {
      unit.stopping = why;
      this.cancelChild(stage, unit, index);
    }
  }

  /** Asks the child to end; its end is heard of where it is waited for. */
  private cancelChild(stage: PipelineStage, unit: UnitRecord, index: number): void {
    // One that is only just starting is asked as soon as it has; one whose pipeline continues as new, by the next run.
    if (unit.runId === undefined || this.continuing) return;
    const child = getExternalWorkflowHandle(this.childId(stage, index));
    // Not in the scope of the caller, which a cancel of the whole has cancelled. The child may have ended in the meantime.
    void this.counted(() => CancellationScope.nonCancellable(() => child.cancel()).catch(() => undefined));
  }

  private childId(stage: PipelineStage, index: number): string {
    return stageWorkflowId(workflowInfo().workflowId, stage.name, stage.forEach === undefined ? undefined : index);
  }

  /** Sees one unit through: semaphore, tries, retries. Ends where the run continues as new; the next takes it up. */
  private async drive(stage: PipelineStage, record: StageRecord, index: number): Promise<void> {
    const unit = record.units[index]!;
    while (!isUnitSettled(unit) && !this.continuing) {
      try {
        if (unit.state === UnitState.Acquiring) await this.acquire(stage, unit, index);
        else if (unit.state === UnitState.Retrying) await this.awaitRetry(stage, unit);
        else this.apply(stage, unit, tryOutcome(stage, await this.try(stage, record, unit, index)));
      } catch (error) {
        if (error instanceof Continuing) return;
        this.apply(stage, unit, { status: 'failed', reason: 'Error', message: messageOf(error) });
      }
      await this.release(stage, unit, index);
    }
    if (this.continuing) return;
    await this.release(stage, unit, index);
    this.active -= 1;
    this.wake();
  }

  private async acquire({ name, semaphore }: PipelineStage, unit: UnitRecord, index: number): Promise<void> {
    const stage = this.order.find((each) => each.name === name)!;
    const holder = this.childId(stage, index);
    const { workflowId, taskQueue } = workflowInfo();
    const { name: semaphoreName, limit } = semaphore!;
    await this.counted(() =>
      short.requestSemaphore.executeWithOptions({ summary: semaphoreName }, [
        { name: semaphoreName, limit, holder, requester: workflowId, taskQueue },
      ]),
    );
    unit.holdsSemaphore = true;
    await condition(() => this.granted.has(holder) || unit.stopping !== undefined || this.continuing);
    if (unit.stopping !== undefined) unit.state = UnitState.Cancelled;
    else if (this.granted.has(holder)) unit.state = UnitState.Running;
  }

  /** Gives the semaphore back once no try is under way. */
  private async release(stage: PipelineStage, unit: UnitRecord, index: number): Promise<void> {
    const isUnderWay = unit.state === UnitState.Running || unit.state === UnitState.Acquiring;
    if (unit.holdsSemaphore !== true || isUnderWay || this.continuing) return;
    const holder = this.childId(stage, index);
    delete unit.holdsSemaphore;
    this.granted.delete(holder);
    const semaphore = getExternalWorkflowHandle(semaphoreWorkflowId(stage.semaphore!.name));
    // It ends when nobody holds it, so it may be gone.
    await this.counted(() => semaphore.signal(releaseSemaphoreSignal, { holder }).catch(() => undefined));
  }

  private async awaitRetry(stage: PipelineStage, unit: UnitRecord): Promise<void> {
    const left = Math.max((unit.retryAt ?? 0) - Date.now(), 1);
    await condition(() => unit.stopping !== undefined || this.continuing, left, {
      summary: `${stage.name}: before try ${unit.attempts + 1}`,
    });
    if (this.continuing) throw new Continuing();
    delete unit.retryAt;
    unit.state = unit.stopping === undefined ? this.firstState(stage) : UnitState.Cancelled;
  }

  private async try(stage: PipelineStage, record: StageRecord, unit: UnitRecord, index: number): Promise<ChildOutcome> {
    const workflowId = this.childId(stage, index);
    if (unit.runId !== undefined) {
      const { runId } = unit;
      const summary = unitName(stage, index);
      return this.withDeadline(stage, unit, index, () =>
        long.waitForWorkflow.executeWithOptions({ summary }, [{ workflowId, runId }]),
      );
    }
    if (unit.stopping !== undefined) return { status: 'cancelled' };
    let child: StageChild;
    try {
      const item = record.items === undefined ? undefined : { item: record.items[index], index };
      child = stageChild(this.manifest, stage, this.scope.evaluator(item), {
        workflowId,
        ...(item === undefined ? {} : { index }),
        scheduleTime: this.scheduleTime,
      });
    } catch (error) {
      return { status: 'failed', reason: 'ExpressionFailed', message: messageOf(error) };
    }
    unit.attempts += 1;
    if (stage.timeoutSeconds !== undefined) unit.deadline = Date.now() + stage.timeoutSeconds * 1000;
    const { workflowType, args, taskQueue, summary } = child;
    const handle = await this.counted(async () => {
      const started = await startChild(workflowType, {
        workflowId,
        args,
        ...(taskQueue === undefined ? {} : { taskQueue }),
        staticSummary: `${unitName(stage, index)} · ${summary}`,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        parentClosePolicy: ParentClosePolicy.ABANDON,
        cancellationType: ChildWorkflowCancellationType.ABANDON,
      });
      unit.runId = started.firstExecutionRunId;
      return started;
    });
    if (unit.stopping !== undefined) this.cancelChild(stage, unit, index);
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
          () => this.stopUnit(stage, unit, index, 'TimedOut'),
          () => undefined,
        );
    }
    try {
      return await wait();
    } finally {
      clock.cancel();
    }
  }

  private apply(stage: PipelineStage, unit: UnitRecord, outcome: TryOutcome): void {
    const { stopping } = unit;
    delete unit.runId;
    delete unit.deadline;
    this.wake();
    if (outcome.status === 'succeeded') {
      unit.state = UnitState.Succeeded;
      if (outcome.outputs !== undefined) unit.outputs = outcome.outputs;
      return;
    }
    const timedOut = stopping === 'TimedOut';
    if (stopping === 'Cancelled' || (outcome.status === 'cancelled' && !timedOut)) {
      unit.state = UnitState.Cancelled;
      unit.reason = 'Cancelled';
      return;
    }
    const failure = outcome.status === 'failed' && !timedOut ? outcome : undefined;
    const { maxAttempts = 1, ...pace } = stage.retry ?? {};
    const mayRetry = this.stopped === undefined || this.startsAfterStop(stage);
    const isPermanent = failure?.permanent === true || PERMANENT.has(failure?.reason ?? '');
    if (unit.attempts < maxAttempts && mayRetry && !isPermanent) {
      const { intervalSeconds, backoffCoefficient, maxIntervalSeconds } = { ...DEFAULT_RETRY, ...pace };
      const delay = Math.min(intervalSeconds * backoffCoefficient ** (unit.attempts - 1), maxIntervalSeconds);
      unit.retryAt = Date.now() + delay * 1000;
      unit.state = UnitState.Retrying;
      delete unit.stopping;
      return;
    }
    unit.state = UnitState.Failed;
    unit.reason = failure?.reason ?? 'TimedOut';
    unit.message = bounded(failure?.message ?? `It took longer than ${stage.timeoutSeconds} s.`);
    this.afterFailure(stage);
  }

  /** Does what the history has to know the end of before this run may continue as new. */
  private async counted<T>(work: () => Promise<T>): Promise<T> {
    this.busy += 1;
    try {
      return await work();
    } finally {
      this.busy -= 1;
    }
  }

  private wake(): void {
    this.woken = true;
  }

  private async conclude(): Promise<SparkPipelineResult> {
    const unsuccessful = this.order.filter(({ name, allowFailure }) => {
      const { state } = this.records[name]!;
      return allowFailure !== true && (state === StageState.Failed || state === StageState.Cancelled);
    });
    const cancelled = this.stopped === Stop.Cancelled;
    let state: SparkPipelineResult['state'] = cancelled ? PipelineState.Cancelled : PipelineState.Completed;
    let why = unsuccessful
      .map(({ name }) => `${name} (${this.records[name]!.reason})`)
      .slice(0, 5)
      .join(', ');
    if (this.stopped === Stop.TimedOut) why = `it took longer than ${this.manifest.spec.timeoutSeconds} s`;
    if (!cancelled && why !== '') state = PipelineState.Failed;
    let outputs: Record<string, unknown> = {};
    if (state === PipelineState.Completed) {
      try {
        outputs = this.outputs();
      } catch (error) {
        state = PipelineState.Failed;
        why = messageOf(error);
      }
    }
    this.finished = state;
    this.finishedAt = now();
    setCurrentDetails(pipelineDetails(this.status(), workflowInfo().workflowId, Date.now()));
    const result = this.result(state, outputs);
    await condition(allHandlersFinished);
    switch (state) {
      case PipelineState.Completed:
        return result;
      case PipelineState.Cancelled:
        // Temporal keeps no details of a cancelled workflow: its result goes into the memo.
        upsertMemo({ [RESULT_MEMO]: result });
        throw new CancelledFailure('The pipeline was cancelled.');
      case PipelineState.Failed:
        throw ApplicationFailure.create({
          message: `Pipeline ${this.manifest.metadata.name} failed: ${why}`,
          type: SPARK_PIPELINE_FAILED,
          nonRetryable: true,
          details: [result],
        });
      default:
        return state satisfies never;
    }
  }

  private outputs(): Record<string, unknown> {
    const evaluate = this.scope.evaluator();
    return Object.fromEntries(
      Object.entries(this.manifest.spec.outputs ?? {}).map(([name, { type, value }]) => {
        const given = render(value, evaluate);
        if (!isOfType(given, type)) throw new Error(`the output ${name} must be ${type}, not ${JSON.stringify(given)}`);
        return [name, given];
      }),
    );
  }

  private result(state: SparkPipelineResult['state'], outputs: Record<string, unknown>): SparkPipelineResult {
    const { name, namespace } = this.manifest.metadata;
    const stages = this.manifest.spec.stages.map((stage) => stageStatus(stage.name, this.records[stage.name]!));
    const counts: Partial<Record<StageState, number>> = {};
    for (const { state } of stages) counts[state] = (counts[state] ?? 0) + 1;
    return {
      state,
      namespace,
      name,
      run: this.run,
      outputs,
      counts,
      unsuccessful: stages
        .filter(({ state }) => state !== StageState.Succeeded)
        .slice(0, 100)
        .map(({ name, state, reason, message }) => ({
          name,
          state,
          ...(reason === undefined ? {} : { reason }),
          ...(message === undefined ? {} : { message }),
        })),
      startedAt: this.startedAt,
      finishedAt: this.finishedAt!,
    };
  }
}

/** The run continues as new: somebody else goes on from here. */
class Continuing extends Error {}

/** What trying again can't mend. */
const PERMANENT: ReadonlySet<string> = new Set(['ExpressionFailed', 'InvalidManifest', 'SubmissionRefused']);

const MESSAGE_LIMIT = 1000;

function bounded(message: string): string {
  return message.length <= MESSAGE_LIMIT ? message : `${message.slice(0, MESSAGE_LIMIT - 1)}…`;
}

function rangeOf({ from = 0, to, step = 1 }: { from?: unknown; to: unknown; step?: number }): number[] {
  const [first, last] = [Number(from), Number(to)];
  const length = Math.floor((last - first) / step) + 1;
  return Array.from({ length: Math.min(Math.max(length, 0), MAX_ITEMS + 1) }, (_, index) => first + index * step);
}

function unitName({ name, forEach }: PipelineStage, index: number): string {
  return forEach === undefined ? name : `${name}/${index}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The workflow's clock: the time of its last task, the same in every replay. */
function now(): string {
  return new Date().toISOString();
}
