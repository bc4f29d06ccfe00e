import { workflowInfo } from '@temporalio/workflow';
import type { PipelineStage, SparkPipeline } from '../../manifest/index.ts';
import { dependenciesOf, inOrder } from '../../manifest/pipeline/graph.ts';
import { DependencyCondition } from '../../manifest/pipeline/types.ts';
import type { CarriedTimings, PipelineTimings } from '../../timings/index.ts';
import { runOfPipeline, StageState, type RunHistoryLimits, type SparkPipelineOptions } from '../../protocol/index.ts';
import { jsonBytes } from '../../manifest/pipeline/size.ts';
import { CarryBudget } from './carry-budget.ts';
import type { CarriedPipeline } from './carried-pipeline.ts';
import { PipelineScope } from './pipeline-scope.ts';
import { scheduleFacts } from './schedule-facts.ts';
import type { StageRecord, UnitRecord } from './stage-record.ts';
import { Stop } from './stop.ts';

const DEFAULT_MAX_CONCURRENT = 200;
const MESSAGE_LIMIT = 1000;

/** What a run of a pipeline knows of itself, shared by the parts that carry it out. */
export class RunState {
  readonly manifest: SparkPipeline;
  /** Each stage after all it depends on, clean-up last. */
  readonly order: readonly PipelineStage[];
  readonly records: Readonly<Record<string, StageRecord>>;
  readonly scope: PipelineScope;
  readonly budget: CarryBudget;
  readonly scheduleTime: string;
  readonly timeZone: string;
  readonly history: RunHistoryLimits | undefined;
  readonly startedAt: string;
  /** Places that semaphores have granted and that are still wanted, as `placeKey` writes them. */
  readonly granted: Set<string>;
  /** Names of the stages that wait for a failure, and of those that go on from there. */
  private readonly failureBranches: ReadonlySet<string>;
  /** Of the worker that checked the manifest. */
  carriedTimings: CarriedTimings<PipelineTimings> = {};
  parameters: Readonly<Record<string, unknown>> = {};
  pausedWith: { readonly note?: string } | undefined;
  /** The pipeline that this one is a stage of is paused. */
  parentPausedWith: { readonly note?: string } | undefined;
  /** The pipelines that are stages of this one know that it is paused. */
  toldPaused: boolean;
  stopped: Stop | undefined;
  /** Units that count against the limit. */
  active = 0;
  /** Commands under way whose effect has to be known before the run can continue as new. */
  busy = 0;
  continuing = false;
  woken = false;
  /** Shows how things stand now. Nothing else follows from it. */
  show: () => void = () => undefined;

  constructor(manifest: SparkPipeline, options: SparkPipelineOptions, carried?: CarriedPipeline) {
    this.manifest = manifest;
    const stages = inOrder(manifest.spec.stages);
    this.order = [...stages.filter(({ always }) => always !== true), ...stages.filter(({ always }) => always === true)];
    this.failureBranches = failureBranches(this.order);
    this.records = carried?.stages ?? Object.fromEntries(stages.map((stage) => [stage.name, fresh(stage, options)]));
    this.budget = new CarryBudget(manifest, this.records);
    this.setParameters(carried?.parameters ?? {});
    if (carried?.timings !== undefined) this.carriedTimings = { timings: carried.timings };
    this.startedAt = carried?.startedAt ?? now();
    this.granted = new Set(carried?.granted);
    this.pausedWith = carried?.pause;
    this.parentPausedWith = carried?.parentPause;
    this.toldPaused = carried?.toldPaused ?? false;
    this.stopped = carried?.stop;
    this.history = options.history;
    this.timeZone = options.timeZone ?? 'UTC';
    const schedule = scheduleFacts(carried?.scheduleTime ?? options.scheduleTime, this.timeZone);
    this.scheduleTime = schedule.time;
    const { name, namespace } = manifest.metadata;
    const { workflowId } = workflowInfo();
    this.scope = new PipelineScope({ run: { id: this.run, workflowId }, pipeline: { name, namespace }, schedule });
  }

  /** Which run of the pipeline: the last part of the workflow id. */
  get run(): string {
    return runOfPipeline(workflowInfo().workflowId);
  }

  get maxConcurrent(): number {
    return this.manifest.spec.maxConcurrentStages ?? DEFAULT_MAX_CONCURRENT;
  }

  setParameters(values: Readonly<Record<string, unknown>>): void {
    this.parameters = values;
    this.budget.spend(jsonBytes(values));
  }

  /** Nothing starts. */
  isPaused(): boolean {
    return this.continuing || this.pause !== undefined;
  }

  /** A pause that is in force: once no more stages are to start, what is left goes on. */
  get pause(): { readonly note?: string } | undefined {
    return this.stopped === undefined ? (this.pausedWith ?? this.parentPausedWith) : undefined;
  }

  /**
   * Has a unit say why it failed, where there is room in what the run can hand on.
   *
   * @param message @default it says nothing
   */
  explain(unit: UnitRecord, message?: string): void {
    if (unit.message !== undefined) this.budget.giveBack(jsonBytes(unit.message));
    delete unit.message;
    if (message !== undefined && this.budget.takeText(jsonBytes(message))) unit.message = message;
  }

  /** Clean-up always does; so does what waits for a failure, and goes on from there, unless somebody wants the whole to end. */
  startsAfterStop(stage: PipelineStage): boolean {
    if (stage.always === true) return true;
    if (this.stopped === Stop.Cancelled || this.stopped === Stop.TimedOut) return false;
    return this.failureBranches.has(stage.name);
  }

  /** Tells expressions how a stage ended. */
  publish(stage: PipelineStage): void {
    this.scope.addStage(stage, this.records[stage.name]!);
  }

  /** Does what the history has to know the end of before this run may continue as new. */
  async counted<T>(work: () => Promise<T>): Promise<T> {
    this.busy += 1;
    try {
      return await work();
    } finally {
      this.busy -= 1;
    }
  }

  wake(): void {
    this.woken = true;
  }
}

function fresh(stage: PipelineStage, { keep }: SparkPipelineOptions): StageRecord {
  const kept = stage.always === true ? undefined : keep?.[stage.name];
  if (kept === undefined) return { state: StageState.Pending, units: [] };
  if (kept.done !== undefined) return { state: StageState.Pending, units: [], done: kept.done };
  return {
    state: StageState.Succeeded,
    kept: true,
    units: [],
    ...(kept.outputs === undefined ? {} : { outputs: kept.outputs }),
  };
}

/** The workflow's clock: the time of its last task, the same in every replay. */
export function now(): string {
  return new Date().toISOString();
}

/** A message of a length that a record can hold. */
export function bounded(message: string): string {
  return message.length <= MESSAGE_LIMIT ? message : `${message.slice(0, MESSAGE_LIMIT - 1)}…`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function failureBranches(order: readonly PipelineStage[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const stage of order) {
    const follows = dependenciesOf(stage).some(
      (each) => each.condition === DependencyCondition.Failed || names.has(each.stage),
    );
    if (follows && stage.always !== true) names.add(stage.name);
  }
  return names;
}
