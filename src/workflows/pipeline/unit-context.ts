import { condition } from '@temporalio/workflow';
import type { PipelineStage } from '../../manifest/index.ts';
import { stageWorkflowId } from '../../protocol/index.ts';
import type { Controls } from './controls.ts';
import type { InFlight } from './in-flight.ts';
import type { Ledger } from './ledger.ts';
import type { Plan } from './plan.ts';
import { isUnitStarted, type Stopping, type UnitRecord } from './unit-record.ts';

/** The parts of a run that its units share. */
export interface RunParts {
  readonly plan: Plan;
  readonly ledger: Ledger;
  readonly controls: Controls;
  readonly inFlight: InFlight;
}

/** The run continues as new: the next one resumes the work. */
export class Continuing extends Error {}

/** What a unit, its place and its child have in common: the run, the stage, and the unit's record. */
export class UnitContext {
  readonly run: RunParts;
  readonly stage: PipelineStage;
  readonly index: number;
  /** The stage, and of a fan-out the item as well. */
  readonly name: string;
  /** Of its child. */
  readonly workflowId: string;

  constructor(run: RunParts, stage: PipelineStage, index: number) {
    this.run = run;
    this.stage = stage;
    this.index = index;
    const { itemDigits = 1 } = run.ledger.stage(stage.name);
    this.name = stage.forEach === undefined ? stage.name : `${stage.name}/${String(index).padStart(itemDigits, '0')}`;
    this.workflowId = stageWorkflowId(run.plan.facts.workflowId, this.name);
  }

  get record(): UnitRecord {
    return this.run.ledger.unit(this.stage.name, this.index)!;
  }

  set record(record: UnitRecord) {
    this.run.ledger.setUnit(this.stage.name, this.index, record);
  }

  /** Why it is to end, where it has not. */
  get stopping(): Stopping | undefined {
    const { record } = this;
    return isUnitStarted(record) ? record.stopping : undefined;
  }

  /** Waits for the end of a pause, or until the unit is to end. @throws Continuing */
  async whilePaused(): Promise<void> {
    const { controls } = this.run;
    await condition(() => !controls.isPaused() || this.stopping !== undefined || controls.isContinuing);
    if (controls.isContinuing) throw new Continuing();
  }
}
