import type { PipelineStage } from '../../manifest/index.ts';
import { jsonBytes } from '../../manifest/size.ts';
import { StageState, type KeptStages } from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import { CarryBudget, itemsBytes, unitBytes } from './carry-budget.ts';
import { PipelineScope } from './pipeline-scope.ts';
import type { Plan } from './plan.ts';
import { compacted, doneItems, freshUnits, isSettled, type StageRecord } from './stage-record.ts';
import { now, shortened } from './texts.ts';
import { lasting, UnitState, type UnitRecord } from './unit-record.ts';

interface OwnRecord extends StageRecord {
  readonly units: UnitRecord[];
}

interface LedgerParts {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly records: Map<string, OwnRecord>;
  readonly budget: CarryBudget;
  readonly scope: PipelineScope;
}

/** The results of the runs before this one. */
export interface LedgerOptions {
  /** By an earlier run of the pipeline. @default nothing */
  readonly keep?: KeptStages;
  /** By the run that this one continues. @default none: this is the first run */
  readonly carried?: {
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly stages: Readonly<Record<string, StageRecord>>;
  };
}

/**
 * The state of each stage and unit, the values that expressions see, and the bytes that all of it takes. Nothing else
 * changes a record.
 */
export class Ledger {
  parameters: Readonly<Record<string, unknown>>;
  private readonly plan: Plan;
  private readonly records: Map<string, OwnRecord>;
  private readonly budget: CarryBudget;
  private readonly scope: PipelineScope;

  private constructor(plan: Plan, parts: LedgerParts) {
    this.plan = plan;
    this.parameters = parts.parameters;
    this.records = parts.records;
    this.budget = parts.budget;
    this.scope = parts.scope;
  }

  static of(plan: Plan, { keep, carried }: LedgerOptions = {}): Ledger {
    const { manifest, facts } = plan;
    const records = new Map<string, OwnRecord>();
    for (const stage of manifest.spec.stages) {
      const record = carried?.stages[stage.name] ?? fresh(stage, keep);
      records.set(stage.name, { ...record, units: [...record.units] });
    }
    const parameters = carried?.parameters ?? {};
    const budget = CarryBudget.of(manifest, records.values());
    budget.spend(jsonBytes(parameters));
    const { name, namespace } = manifest.metadata;
    const { run: id, workflowId, schedule } = facts;
    const scope = new PipelineScope({ run: { id, workflowId }, pipeline: { name, namespace }, schedule });
    return new Ledger(plan, { parameters, records, budget, scope });
  }

  /** A copy, to try decisions on. */
  draft(): Ledger {
    const { plan, parameters } = this;
    const records = new Map([...this.records].map(([name, record]) => [name, { ...record, units: [...record.units] }]));
    return new Ledger(plan, { parameters, records, budget: this.budget.draft(), scope: this.scope.draft() });
  }

  has(name: string): boolean {
    return this.records.has(name);
  }

  stage(name: string): StageRecord {
    return this.own(name);
  }

  unit(name: string, index: number): UnitRecord | undefined {
    return this.records.get(name)?.units[index];
  }

  get isSettled(): boolean {
    return this.plan.order.every(({ name }) => isSettled(this.own(name)));
  }

  /** Bytes that the run can keep more. */
  get remaining(): number {
    return this.budget.remaining;
  }

  hasRoomFor(bytes: number): boolean {
    return this.budget.hasRoomFor(bytes);
  }

  setParameters(values: Readonly<Record<string, unknown>>): void {
    this.parameters = values;
    this.budget.spend(jsonBytes(values));
  }

  /** Shows the parameters, and the stages that have ended, to expressions. */
  publish(): void {
    this.scope.setParameters(this.plan.manifest.spec, this.parameters);
    for (const stage of this.plan.order) if (isSettled(this.own(stage.name))) this.publishStage(stage);
  }

  /** @param item of a fan-out @throws ExpressionError, from what is returned */
  evaluator(item?: { readonly item: unknown; readonly index: number }): (expression: string) => unknown {
    return this.scope.evaluator(item);
  }

  /** @throws ExpressionError */
  isTrue(when: string): boolean {
    return this.scope.isTrue(when);
  }

  /** A pending stage begins to run. */
  begin({ name }: PipelineStage, items?: readonly unknown[], itemDigits?: number): void {
    const { done, ...record } = this.own(name);
    const units = freshUnits(present({ items, done }));
    if (items !== undefined) this.budget.spend(itemsBytes(items));
    // From here on the results of an earlier run count as these units' outputs.
    if (done !== undefined) this.budget.release(jsonBytes(done));
    for (const unit of units) this.budget.spend(unitBytes(unit));
    const running = { state: StageState.Running, startedAt: now() };
    this.records.set(name, { ...record, ...running, ...present({ items, itemDigits }), units });
  }

  /**
   * Changes the state of a unit. A message that does not fit is left out.
   *
   * The caller makes sure that there is room for outputs.
   */
  setUnit(name: string, index: number, unit: UnitRecord): void {
    const { units } = this.own(name);
    const before = units[index]!;
    const bytesBefore = textBytes(before);
    const bytes = textBytes(unit);
    let after = unit;
    if (messageOf(unit) !== messageOf(before)) {
      this.budget.release(bytesBefore);
      if (this.budget.hasRoomForText(bytes)) this.budget.spend(bytes);
      else after = withoutMessage(unit);
    }
    this.budget.release(unitBytes(before) - bytesBefore);
    this.budget.spend(unitBytes(unit) - bytes);
    units[index] = after;
  }

  /** A stage has ended. Its reason is always kept; the message where there is room. */
  settle(stage: PipelineStage, state: StageState, reason?: string, message?: string): void {
    const record = this.own(stage.name);
    const { budget } = this;
    const outputs = state === StageState.Succeeded ? outputsOf(stage, record) : undefined;
    if (outputs !== undefined) budget.spend(jsonBytes(outputs));
    if (record.items !== undefined) budget.release(itemsBytes(record.items));
    const found = state === StageState.Succeeded ? undefined : doneItems(record);
    // Keeps what is carried to a later run small.
    for (const unit of record.units) budget.release(unitBytes(unit));
    const units = record.units.map((unit) => ({ state: unit.state, ...lasting(unit) }));
    const done = found !== undefined && budget.hasRoomFor(jsonBytes(found)) ? found : undefined;
    if (done !== undefined) budget.spend(jsonBytes(done));
    const text = message === undefined ? undefined : shortened(message);
    const isKept = text !== undefined && budget.hasRoomForText(jsonBytes(text));
    if (isKept) budget.spend(jsonBytes(text));
    const finishedAt = record.startedAt === undefined ? undefined : now();
    this.records.set(stage.name, {
      ...record,
      state,
      units,
      ...present({ finishedAt, reason, outputs, done, message: isKept ? text : undefined }),
    });
    this.publishStage(stage);
  }

  /** The records as they are carried to the run that continues this one. */
  carried(): Record<string, StageRecord> {
    return Object.fromEntries([...this.records].map(([name, record]) => [name, compacted(record)]));
  }

  private own(name: string): OwnRecord {
    return this.records.get(name)!;
  }

  private publishStage(stage: PipelineStage): void {
    this.scope.addStage(stage, this.own(stage.name));
  }
}

function fresh(stage: PipelineStage, keep: KeptStages = {}): StageRecord {
  const kept = stage.always === true || !Object.hasOwn(keep, stage.name) ? undefined : keep[stage.name];
  if (kept === undefined) return { state: StageState.Pending, units: [] };
  if (kept.done !== undefined) return { state: StageState.Pending, units: [], done: kept.done };
  return { state: StageState.Succeeded, kept: true, units: [], ...present({ outputs: kept.outputs }) };
}

/** The outputs of a stage all of whose units have succeeded: of a fan-out, a list for each name. */
function outputsOf(stage: PipelineStage, { units, items }: StageRecord): Readonly<Record<string, unknown>> | undefined {
  const names = Object.keys(stage.pipeline?.outputs ?? stage.outputs ?? {});
  if (names.length === 0) return undefined;
  const given = units.map((unit) => (unit.state === UnitState.Succeeded ? unit.outputs : undefined));
  if (items === undefined) return given[0];
  return Object.fromEntries(names.map((name) => [name, given.map((outputs) => outputs?.[name])]));
}

function messageOf(unit: UnitRecord): string | undefined {
  return 'message' in unit ? unit.message : undefined;
}

function textBytes(unit: UnitRecord): number {
  const message = messageOf(unit);
  return message === undefined ? 0 : jsonBytes(message);
}

function withoutMessage(unit: UnitRecord): UnitRecord {
  if (!('message' in unit)) return unit;
  const { message: _, ...rest } = unit;
  return rest;
}
