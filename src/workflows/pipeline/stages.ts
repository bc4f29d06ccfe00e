import { patched } from '@temporalio/workflow';
import type { PipelineStage } from '../../manifest/index.ts';
import { StageReason, StageState, type SemaphorePlace } from '../../protocol/index.ts';
import { decide, stopAfter, type Decision } from './decide.ts';
import { releasePlace } from './place.ts';
import { Stop } from './stop.ts';
import { Unit, type UnitEvents } from './unit.ts';
import type { RunParts } from './unit-context.ts';
import { cancelledUnit, isUnitSettled, UnitState } from './unit-record.ts';

/** Executes the decisions, and the requests that arrive meanwhile. */
export class Stages {
  private readonly run: RunParts;
  private readonly events: UnitEvents;
  /** Of the stages that have not ended, by stage and index; without those that have not started. */
  private readonly units = new Map<string, Map<number, Unit>>();

  constructor(run: RunParts, events: Omit<UnitEvents, 'failed'>) {
    this.run = run;
    this.events = { ...events, failed: (stage) => this.stopAfter(stage) };
  }

  /** Starts eligible units, and ends completed stages. */
  advance(): void {
    const { plan, ledger, controls, inFlight } = this.run;
    this.propagatePause();
    for (const decision of decide(plan, ledger, controls, inFlight.active)) this.apply(decision);
  }

  /** Resumes the units that were under way when the previous run continued as new. */
  resume(): void {
    const { plan, ledger } = this.run;
    for (const stage of plan.order) {
      for (const [index, unit] of ledger.stage(stage.name).units.entries()) {
        if (unit.state === UnitState.Waiting || (isUnitSettled(unit) && unit.holdsSemaphore !== true)) continue;
        this.newUnit(stage, index).resume();
      }
    }
  }

  /** A semaphore has granted a place to a stage, or to one item of it; one that is not wanted is released. */
  grant(place: SemaphorePlace, semaphore: string | undefined): void {
    const { plan, inFlight } = this.run;
    const [name = '', index = '0'] = place.holder.slice(plan.facts.workflowId.length + 1).split('/');
    if (this.units.get(name)?.get(Number(index))?.grant(place) === true) return;
    if (semaphore !== undefined) void releasePlace(inFlight, semaphore, place);
  }

  /** Cancels one stage, which has not ended. */
  cancel(name: string): void {
    const { plan, ledger, inFlight } = this.run;
    const stage = plan.stage(name)!;
    const { state, units } = ledger.stage(name);
    if (state === StageState.Pending) {
      ledger.settle(stage, StageState.Cancelled, StageReason.Cancelled);
      this.stopAfter(stage);
    } else {
      for (const index of units.keys()) {
        if (!this.cancelWaiting(name, index)) this.units.get(name)?.get(index)?.cancel();
      }
    }
    inFlight.wake();
  }

  /** Starts no more stages but those that are for the end. */
  stop(how: Stop): void {
    const { plan, ledger, controls, inFlight } = this.run;
    if (!controls.stopFor(how)) return;
    inFlight.wake();
    for (const stage of plan.order) {
      if (plan.startsAfter(how, stage)) continue;
      for (const index of ledger.stage(stage.name).units.keys()) {
        const unit = this.units.get(stage.name)?.get(index);
        if (how === Stop.FinishRunning) unit?.startNoMore();
        else if (!this.cancelWaiting(stage.name, index)) unit?.stop(StageReason.Cancelled);
      }
    }
  }

  private apply(decision: Decision): void {
    const { plan, ledger, inFlight } = this.run;
    if (decision.do === 'stop') return this.stop(decision.how);
    const stage = plan.stage(decision.stage)!;
    switch (decision.do) {
      case 'begin':
        return ledger.begin(stage, decision.items, itemDigits(decision.items));
      case 'start':
        for (const index of decision.units) this.newUnit(stage, index).start();
        return;
      case 'cancel':
        for (const index of decision.units) this.cancelWaiting(stage.name, index);
        return;
      case 'settle':
        ledger.settle(stage, decision.state, decision.reason, decision.message);
        this.units.delete(stage.name);
        return inFlight.wake();
      default:
        return decision satisfies never;
    }
  }

  private stopAfter(stage: PipelineStage): void {
    const how = stopAfter(this.run.plan, stage);
    if (how !== undefined) this.stop(how);
  }

  /** @returns false where the unit does not wait */
  private cancelWaiting(name: string, index: number): boolean {
    const { ledger } = this.run;
    const unit = ledger.unit(name, index)!;
    if (unit.state !== UnitState.Waiting) return false;
    ledger.setUnit(name, index, cancelledUnit(unit));
    return true;
  }

  private newUnit(stage: PipelineStage, index: number): Unit {
    const unit = new Unit(this.run, stage, index, this.events);
    const units = this.units.get(stage.name) ?? new Map<number, Unit>();
    this.units.set(stage.name, units.set(index, unit));
    return unit;
  }

  /** The pipelines that are stages of this one start nothing either while it is paused. */
  private propagatePause(): void {
    const { plan, controls } = this.run;
    const isPaused = controls.pause !== undefined;
    if (isPaused === controls.isPausePropagated) return;
    controls.isPausePropagated = isPaused;
    for (const stage of plan.order.filter(({ pipeline }) => pipeline !== undefined)) {
      for (const unit of this.units.get(stage.name)?.values() ?? []) unit.propagatePause();
    }
  }
}

/**
 * So that the ids of the children sort. Fan-outs that began with an earlier version have as many as each number needs.
 */
function itemDigits(items: readonly unknown[] | undefined): number | undefined {
  if (items === undefined || items.length <= 10 || !patched('item-digits')) return undefined;
  return String(items.length - 1).length;
}
