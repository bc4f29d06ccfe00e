import { patched, workflowInfo } from '@temporalio/workflow';
import type { PipelineStage } from '../../manifest/index.ts';
import { dependenciesOf } from '../../manifest/pipeline/graph.ts';
import { DependencyCondition, FailurePolicy } from '../../manifest/pipeline/types.ts';
import { StageReason, StageState, type GrantedPlace } from '../../protocol/index.ts';
import { bytesText, jsonBytes } from '../../manifest/pipeline/size.ts';
import { itemsBytes } from './carry-budget.ts';
import { bounded, messageOf, now, type RunState } from './ledger.ts';
import { itemsOf } from './stage-items.ts';
import { doneItems, freshUnits, isSettled, isUnitSettled, UnitState, type StageRecord } from './stage-record.ts';
import { Stop } from './stop.ts';
import { UnitRunner } from './unit.ts';

/** Decides which stages start and when each is over, and what a failure or a cancel means for the others. */
export class StageScheduler {
  private readonly state: RunState;
  private readonly units: UnitRunner;

  constructor(state: RunState) {
    this.state = state;
    this.units = new UnitRunner(state, (stage) => this.afterFailure(stage));
  }

  /** Starts what may start, and ends what is over; each stage comes after all it depends on. */
  advance(): void {
    this.tellOfPause();
    for (const stage of this.state.order) {
      const record = this.state.records[stage.name]!;
      if (record.state === StageState.Pending) this.consider(stage, record);
      if (record.state === StageState.Running) this.advanceUnits(stage, record);
    }
  }

  /** The pipelines that are stages of this one start nothing either while it is paused. */
  private tellOfPause(): void {
    const { state } = this;
    const isPaused = state.pause !== undefined;
    if (isPaused === state.toldPaused) return;
    state.toldPaused = isPaused;
    for (const stage of state.order.filter(({ pipeline }) => pipeline !== undefined)) {
      state.records[stage.name]!.units.forEach((unit, index) => this.units.tellOfPause(stage, unit, index));
    }
  }

  /** Takes up again what ran when the run before continued as new. */
  resume(): void {
    for (const stage of this.state.order) {
      const record = this.state.records[stage.name]!;
      if (isSettled(record)) this.state.publish(stage);
      record.units.forEach((unit, index) => {
        if (unit.state === UnitState.Waiting || (isUnitSettled(unit) && unit.holdsSemaphore !== true)) return;
        this.units.resume(stage, record, index);
      });
    }
  }

  /** A semaphore has a place for a stage, or for one item of it; a place that nobody wants any more goes back. */
  grant(place: GrantedPlace): void {
    const { workflowId } = workflowInfo();
    const [name = '', index = '0'] = place.holder.slice(workflowId.length + 1).split('/');
    this.units.grant(this.state.records[name]?.units[Number(index)], place);
  }

  /** Cancels one stage, which has not ended. */
  cancel(name: string): void {
    const record = this.state.records[name]!;
    const stage = this.state.order.find((each) => each.name === name)!;
    if (record.state === StageState.Pending) this.settle(stage, record, StageState.Cancelled, StageReason.Cancelled);
    else record.units.forEach((unit, index) => this.units.cancel(stage, unit, index));
    this.state.wake();
  }

  /** Starts no more stages but those that are for the end. */
  stop(how: Stop): void {
    const { state } = this;
    // A cancel goes further than a failure; the first of two alike counts.
    const isHarder = state.stopped === Stop.FailFast || state.stopped === Stop.FinishRunning;
    const isFailure = how === Stop.FailFast || how === Stop.FinishRunning;
    if (state.stopped !== undefined && (!isHarder || isFailure)) return;
    state.stopped = how;
    state.wake();
    for (const stage of state.order) {
      if (state.startsAfterStop(stage)) continue;
      state.records[stage.name]!.units.forEach((unit, index) => {
        if (how === Stop.FinishRunning) this.units.startNoMore(unit);
        else this.units.stop(stage, unit, index, StageReason.Cancelled);
      });
    }
  }

  private consider(stage: PipelineStage, record: StageRecord): void {
    const { state } = this;
    const dependencies = dependenciesOf(stage);
    if (state.stopped !== undefined && !state.startsAfterStop(stage)) {
      const reason = state.stopped === Stop.Cancelled ? StageReason.Cancelled : StageReason.PipelineStopped;
      this.settle(stage, record, StageState.Skipped, reason);
      return;
    }
    const isOpen = ({ name }: PipelineStage): boolean => !isSettled(state.records[name]!);
    const waits =
      stage.always === true && dependencies.length === 0
        ? state.order.some((other) => other.always !== true && isOpen(other))
        : dependencies.some((each) => !isSettled(state.records[each.stage]!));
    if (waits) return;
    const unmet = dependencies.find((each) => !this.holds(each.stage, each.condition));
    if (unmet !== undefined) {
      const message = `${unmet.stage} has ${unmet.condition === DependencyCondition.Failed ? 'not failed' : 'not succeeded'}`;
      this.settle(stage, record, StageState.Skipped, StageReason.DependencyNotMet, message);
      return;
    }
    if (state.isPaused() || state.active >= state.maxConcurrent) return;
    try {
      if (stage.when !== undefined && !state.scope.isTrue(stage.when)) {
        this.settle(stage, record, StageState.Skipped, StageReason.ConditionFalse);
        return;
      }
      const items = itemsOf(stage, state.scope.evaluator());
      if (items !== undefined && !state.budget.take(itemsBytes(items))) {
        const message = `Its ${items.length} items take ${bytesText(itemsBytes(items))}, of which this run can keep ${bytesText(state.budget.remaining)} more. Put them into a file, and fan out over numbers.`;
        this.settle(stage, record, StageState.Failed, StageReason.ItemsTooLarge, message);
        this.afterFailure(stage);
        return;
      }
      record.state = StageState.Running;
      record.startedAt = now();
      if (items !== undefined) {
        record.items = items;
        // So that the ids of the children sort. Fan-outs that began with an earlier version go on without.
        if (items.length > 10 && patched('item-digits')) record.itemDigits = String(items.length - 1).length;
      }
      record.units = freshUnits(record);
      // From here on what an earlier run has done counts as these units' outputs.
      if (record.done !== undefined) state.budget.giveBack(jsonBytes(record.done));
      delete record.done;
      for (const { outputs } of record.units) if (outputs !== undefined) state.budget.spend(jsonBytes(outputs));
    } catch (error) {
      this.settle(stage, record, StageState.Failed, StageReason.ExpressionFailed, messageOf(error));
      this.afterFailure(stage);
    }
  }

  private holds(name: string, wanted: DependencyCondition): boolean {
    const { state } = this.state.records[name]!;
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

  private advanceUnits(stage: PipelineStage, record: StageRecord): void {
    const { state } = this;
    const { units } = record;
    let running = units.filter((unit) => unit.state !== UnitState.Waiting && !isUnitSettled(unit)).length;
    for (const [index, unit] of units.entries()) {
      if (unit.state !== UnitState.Waiting) continue;
      if (state.stopped !== undefined && !state.startsAfterStop(stage)) {
        unit.state = UnitState.Cancelled;
        continue;
      }
      if (state.isPaused() || state.active >= state.maxConcurrent) break;
      if (running >= (stage.forEach?.maxConcurrent ?? Infinity)) break;
      running += 1;
      this.units.start(stage, record, index);
    }
    if (units.every(isUnitSettled)) this.settleUnits(stage, record);
  }

  private settleUnits(stage: PipelineStage, record: StageRecord): void {
    const { state } = this;
    const { units, items } = record;
    const worst =
      units.find(({ state }) => state === UnitState.Failed) ?? units.find(({ state }) => state === UnitState.Cancelled);
    if (worst !== undefined) {
      const ended = worst.state === UnitState.Failed ? StageState.Failed : StageState.Cancelled;
      this.settle(stage, record, ended, worst.reason ?? StageReason.PipelineStopped, worst.message);
      return;
    }
    const names = Object.keys(stage.pipeline?.outputs ?? stage.outputs ?? {});
    const outputs =
      items === undefined
        ? units[0]!.outputs
        : Object.fromEntries(names.map((name) => [name, units.map((unit) => unit.outputs?.[name])]));
    if (outputs !== undefined && names.length > 0) {
      record.outputs = outputs;
      // Those of the units, which were counted, go with the stage's end.
      state.budget.spend(jsonBytes(outputs));
    }
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
    const { budget } = this.state;
    const done = state === StageState.Succeeded ? undefined : doneItems(record);
    if (record.items !== undefined) budget.giveBack(itemsBytes(record.items));
    // What a later run is handed stays small.
    for (const unit of record.units) {
      if (unit.outputs !== undefined) budget.giveBack(jsonBytes(unit.outputs));
      this.state.explain(unit);
      delete unit.outputs;
      delete unit.reason;
    }
    if (done !== undefined && budget.take(jsonBytes(done))) record.done = done;
    // The reason is always kept; what it says in words, where there is room.
    if (message !== undefined && budget.takeText(jsonBytes(bounded(message)))) record.message = bounded(message);
    this.state.publish(stage);
    if (state === StageState.Cancelled) this.afterFailure(stage);
    this.state.wake();
  }

  /** The policy decides what a failure means for the others. */
  private afterFailure({ always, allowFailure }: PipelineStage): void {
    if (always === true || allowFailure === true) return;
    const policy = this.state.manifest.spec.failurePolicy ?? FailurePolicy.FinishRunning;
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
}
