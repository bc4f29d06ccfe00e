import type { PipelineStage } from '../../manifest/index.ts';
import { dependenciesOf } from '../../manifest/pipeline/graph.ts';
import { bytesText } from '../../manifest/size.ts';
import { DependencyCondition, FailurePolicy } from '../../manifest/pipeline/types.ts';
import { StageReason, StageState } from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import { itemsBytes } from './carry-budget.ts';
import type { Controls } from './controls.ts';
import type { Ledger } from './ledger.ts';
import type { Plan } from './plan.ts';
import { itemsOf } from './stage-items.ts';
import { isSettled, worstUnit } from './stage-record.ts';
import { Stop } from './stop.ts';
import { messageOf } from './texts.ts';
import { cancelledUnit, isUnitSettled, isUnitStarted, UnitState } from './unit-record.ts';

/** One thing to do. */
export type Decision =
  /** A pending stage begins; its units wait. */
  | { readonly do: 'begin'; readonly stage: string; readonly items?: readonly unknown[] }
  /** Units that wait start. */
  | { readonly do: 'start'; readonly stage: string; readonly units: readonly number[] }
  /** Units that wait never start. */
  | { readonly do: 'cancel'; readonly stage: string; readonly units: readonly number[] }
  /** A stage has ended. */
  | {
      readonly do: 'settle';
      readonly stage: string;
      readonly state: StageState;
      readonly reason?: string;
      readonly message?: string;
    }
  /** Only clean-up stages start. */
  | { readonly do: 'stop'; readonly how: Stop };

/**
 * The next actions of a run, in this order. Each stage comes after all it depends on, and sees the decisions about
 * those. Changes nothing: the decisions are tried on drafts.
 *
 * @param active units that count against the limit, those included that have ended and still release their semaphore
 */
export function decide(plan: Plan, ledger: Ledger, controls: Controls, active: number): Decision[] {
  const pass = new Pass(plan, ledger.draft(), controls.draft(), active);
  for (const stage of plan.order) {
    if (pass.ledger.stage(stage.name).state === StageState.Pending) pass.considerStage(stage);
    if (pass.ledger.stage(stage.name).state === StageState.Running) pass.considerUnits(stage);
  }
  return pass.decisions;
}

/** The effect of a stage's failure or cancellation on the others; undefined for none. */
export function stopAfter({ manifest }: Plan, { always, allowFailure }: PipelineStage): Stop | undefined {
  if (always === true || allowFailure === true) return undefined;
  const policy = manifest.spec.failurePolicy ?? FailurePolicy.FinishRunning;
  switch (policy) {
    case FailurePolicy.Continue:
      return undefined;
    case FailurePolicy.FailFast:
      return Stop.FailFast;
    case FailurePolicy.FinishRunning:
      return Stop.FinishRunning;
    default:
      return policy satisfies never;
  }
}

class Pass {
  readonly decisions: Decision[] = [];
  readonly ledger: Ledger;
  private readonly plan: Plan;
  private readonly controls: Controls;
  private active: number;

  constructor(plan: Plan, ledger: Ledger, controls: Controls, active: number) {
    this.plan = plan;
    this.ledger = ledger;
    this.controls = controls;
    this.active = active;
  }

  considerStage(stage: PipelineStage): void {
    const { ledger, controls } = this;
    if (!this.plan.startsAfter(controls.stopped, stage)) {
      const reason = controls.stopped === Stop.Cancelled ? StageReason.Cancelled : StageReason.PipelineStopped;
      return this.settle(stage, StageState.Skipped, reason);
    }
    if (this.isWaiting(stage)) return;
    const unmet = dependenciesOf(stage).find((each) => !this.holds(each.stage, each.condition));
    if (unmet !== undefined) {
      const message = `${unmet.stage} has ${unmet.condition === DependencyCondition.Failed ? 'not failed' : 'not succeeded'}`;
      return this.settle(stage, StageState.Skipped, StageReason.DependencyNotMet, message);
    }
    if (!this.hasRoom) return;
    try {
      if (stage.when !== undefined && !ledger.isTrue(stage.when)) {
        return this.settle(stage, StageState.Skipped, StageReason.ConditionFalse);
      }
      const items = itemsOf(stage, ledger.evaluator());
      if (items !== undefined && !ledger.hasRoomFor(itemsBytes(items))) {
        const message = `The ${items.length} items of the fan-out take ${bytesText(itemsBytes(items))}; this run can keep ${bytesText(ledger.remaining)} more. Write the items to a file, and fan out over numbers.`;
        return this.fail(stage, StageReason.ItemsTooLarge, message);
      }
      ledger.begin(stage, items);
      this.decisions.push({ do: 'begin', stage: stage.name, ...present({ items }) });
    } catch (error) {
      this.fail(stage, StageReason.ExpressionFailed, messageOf(error));
    }
  }

  considerUnits(stage: PipelineStage): void {
    const { ledger } = this;
    const { name } = stage;
    const units = ledger.stage(name).units;
    const waiting = [...units.keys()].filter((index) => units[index]!.state === UnitState.Waiting);
    if (!this.plan.startsAfter(this.controls.stopped, stage)) {
      if (waiting.length > 0) this.decisions.push({ do: 'cancel', stage: name, units: waiting });
      for (const index of waiting) ledger.setUnit(name, index, cancelledUnit(units[index]!));
    } else {
      const running = units.filter(isUnitStarted).length;
      const free = Math.min(this.free, (stage.forEach?.maxConcurrent ?? Infinity) - running);
      const starting = waiting.slice(0, Math.max(free, 0));
      if (starting.length > 0) this.decisions.push({ do: 'start', stage: name, units: starting });
      this.active += starting.length;
    }
    if (ledger.stage(name).units.every(isUnitSettled)) this.settleUnits(stage);
  }

  private settleUnits(stage: PipelineStage): void {
    const worst = worstUnit(this.ledger.stage(stage.name));
    if (worst === undefined) return this.settle(stage, StageState.Succeeded);
    const state = worst.state === UnitState.Failed ? StageState.Failed : StageState.Cancelled;
    this.settle(stage, state, worst.reason ?? StageReason.PipelineStopped, worst.message);
  }

  private settle(stage: PipelineStage, state: StageState, reason?: string, message?: string): void {
    this.ledger.settle(stage, state, reason, message);
    this.decisions.push({ do: 'settle', stage: stage.name, state, ...present({ reason, message }) });
    if (state === StageState.Cancelled) this.stopAfter(stage);
  }

  private fail(stage: PipelineStage, reason: string, message: string): void {
    this.settle(stage, StageState.Failed, reason, message);
    this.stopAfter(stage);
  }

  private stopAfter(stage: PipelineStage): void {
    const how = stopAfter(this.plan, stage);
    if (how !== undefined && this.controls.stopFor(how)) this.decisions.push({ do: 'stop', how });
  }

  /** Not all that it depends on has ended; a clean-up stage that names nothing depends on all that is not clean-up. */
  private isWaiting(stage: PipelineStage): boolean {
    const isOpen = (name: string): boolean => !isSettled(this.ledger.stage(name));
    const dependencies = dependenciesOf(stage);
    if (stage.always !== true || dependencies.length > 0) return dependencies.some((each) => isOpen(each.stage));
    return this.plan.order.some(({ name, always }) => always !== true && isOpen(name));
  }

  private holds(name: string, wanted: DependencyCondition): boolean {
    const { state } = this.ledger.stage(name);
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

  /** How many units may start. */
  private get free(): number {
    return this.controls.isPaused() ? 0 : Math.max(this.plan.maxConcurrent - this.active, 0);
  }

  private get hasRoom(): boolean {
    return this.free > 0;
  }
}
