import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  sleep,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { SparkPipelineManifest } from '../../manifest/index.ts';
import { ParameterError, resolveParameters } from '../../manifest/pipeline/parameters.ts';
import {
  FailureType,
  PipelineState,
  RESULT_MEMO,
  runOfPipeline,
  SPARK_PIPELINE_FAILED,
  type PipelineActivities,
  type SparkPipelineOptions,
  type SparkPipelineResult,
  type SparkPipelineStatus,
} from '../../protocol/index.ts';
import type { CarriedTimings, PipelineTimings } from '../../timings/index.ts';
import { updateSearchAttributes } from '../application/search-attributes.ts';
import { present } from '../../validation/present.ts';
import type { CarriedPipeline } from './carried-pipeline.ts';
import { Controls } from './controls.ts';
import { InFlight } from './in-flight.ts';
import { Ledger } from './ledger.ts';
import { pipelineDetails } from './pipeline-details.ts';
import { conclusionOf, resultOf } from './pipeline-result.ts';
import { Plan } from './plan.ts';
import { NOTE_LIMIT, readGrant, readParentPause } from './read-signals.ts';
import { scheduleFacts } from './schedule-facts.ts';
import { isSettled } from './stage-record.ts';
import { stageStatus } from './stage-status.ts';
import { Stages } from './stages.ts';
import { Stop } from './stop.ts';
import { now } from './texts.ts';
import type { RunParts } from './unit-context.ts';

/** Characters of the name of a stage that it does not have. */
const NAME_SHOWN = 100;

const { checkSparkPipeline, cancelWorkflow } = proxyActivities<PipelineActivities>({ startToCloseTimeout: '1 minute' });

/**
 * One run of a pipeline: starts each stage as a child workflow when what it depends on has ended as it should.
 *
 * Children are abandoned as far as Temporal is concerned, because they outlive a run that continues as new; this run
 * ends them, by asking each. After continuing as new, it waits by an activity for a child that was running. Nothing
 * that starts or ends a child is under way at that moment (`InFlight.counted`), so none is lost and none starts twice.
 */
export class PipelineRun {
  private readonly options: SparkPipelineOptions;
  private readonly parts: RunParts;
  private readonly stages: Stages;
  private readonly resumed: boolean;
  /** Those of the worker that checked the manifest. */
  private carriedTimings: CarriedTimings<PipelineTimings>;
  private finished: PipelineState | undefined;
  private finishedAt: string | undefined;

  constructor(manifest: SparkPipelineManifest, options: SparkPipelineOptions, carried?: CarriedPipeline) {
    const { metadata, spec } = (manifest ?? {}) as Partial<SparkPipelineManifest>;
    if (typeof metadata?.name !== 'string' || !Array.isArray(spec?.stages)) {
      throw ApplicationFailure.nonRetryable(
        'The first argument must be a SparkPipeline manifest as JSON, with metadata.name and spec.stages.',
        FailureType.InvalidManifest,
      );
    }
    const { name, namespace = 'default', labels = {}, annotations = {} } = metadata;
    const complete = { ...manifest, metadata: { ...metadata, name, namespace, labels, annotations } };
    const { timeZone = 'UTC', history, keep } = options;
    const { workflowId } = workflowInfo();
    const plan = new Plan(complete, {
      workflowId,
      run: runOfPipeline(workflowId, namespace),
      startedAt: carried?.startedAt ?? now(),
      schedule: scheduleFacts(carried?.scheduleTime ?? options.scheduleTime, timeZone),
      timeZone,
      ...present({ history }),
    });
    this.options = options;
    this.parts = {
      plan,
      ledger: Ledger.of(plan, present({ keep, carried })),
      controls: new Controls(carried),
      inFlight: new InFlight(carried?.granted),
    };
    this.carriedTimings = present({ timings: carried?.timings });
    this.stages = new Stages(this.parts, { started: () => this.showDetails(), timings: () => this.carriedTimings });
    this.resumed = carried !== undefined;
  }

  /**
   * @returns the result of a pipeline that completed
   * @throws ApplicationFailure `SparkPipelineFailed`, with the result as its detail
   * @throws CancelledFailure with the result in the memo
   */
  async execute(): Promise<SparkPipelineResult> {
    const root = CancellationScope.current();
    root.cancelRequested.catch(() => this.stages.stop(Stop.Cancelled));
    return CancellationScope.nonCancellable(async () => {
      await (this.resumed ? this.takeUp() : this.begin());
      void this.watchTheClock();
      await this.untilOver();
      return this.conclude(root);
    });
  }

  status(): SparkPipelineStatus {
    const { plan, ledger, controls } = this.parts;
    const { manifest, facts } = plan;
    const { name, namespace } = manifest.metadata;
    return {
      state: this.pipelineState,
      namespace,
      name,
      run: facts.run,
      parameters: ledger.parameters,
      scheduleTime: facts.schedule.time,
      timeZone: facts.timeZone,
      ...present({ history: facts.history, note: controls.pause?.note }),
      stages: manifest.spec.stages.map((stage) => stageStatus(stage.name, ledger.stage(stage.name))),
      startedAt: facts.startedAt,
      ...present({ finishedAt: this.finishedAt }),
    };
  }

  /** The problem with the note of a pause, if any. */
  pauseFault(note: unknown): string | undefined {
    if (this.parts.controls.stopped !== undefined)
      return 'cannot pause a pipeline that is STOPPING: it starts no stages';
    if (note == null || (typeof note === 'string' && note.length <= NOTE_LIMIT)) return undefined;
    return `the note of a pause must be text of at most ${NOTE_LIMIT} characters`;
  }

  pause(note?: string | null): void {
    this.parts.controls.pausedWith = present({ note: note ?? undefined });
    this.parts.inFlight.wake();
  }

  resume(): void {
    this.parts.controls.pausedWith = undefined;
    this.parts.inFlight.wake();
  }

  /** Of the pipeline that this one is a stage of. */
  parentPaused(given: unknown): void {
    const pause = readParentPause(given);
    if (pause !== undefined)
      this.parts.controls.parentPausedWith = pause.paused ? present({ note: pause.note }) : undefined;
    this.parts.inFlight.wake();
  }

  /** Of a semaphore. */
  grant(given: unknown): void {
    const grant = readGrant(given);
    if (grant !== undefined) this.stages.grant(grant.place, grant.semaphore);
  }

  /** Why a stage of that name cannot be cancelled, if so. */
  cancelFault(name: string): string | undefined {
    const { plan, ledger } = this.parts;
    if (!ledger.has(name)) {
      const known = plan.manifest.spec.stages.map((stage) => stage.name);
      return `unknown stage ${String(JSON.stringify(name)).slice(0, NAME_SHOWN)}; known: ${known.slice(0, 20).join(', ')}`;
    }
    const record = ledger.stage(name);
    return isSettled(record) ? `cannot cancel the stage ${name}: it has ended as ${record.state}` : undefined;
  }

  cancelStage(name: string): void {
    this.stages.cancel(name);
  }

  private get pipelineState(): PipelineState {
    const { controls } = this.parts;
    if (this.finished !== undefined) return this.finished;
    if (controls.stopped !== undefined) return PipelineState.Stopping;
    return controls.pause === undefined ? PipelineState.Running : PipelineState.Paused;
  }

  private async begin(): Promise<void> {
    const { plan, ledger } = this.parts;
    const { metadata, spec } = plan.manifest;
    try {
      const options = { summary: `check ${metadata.name}` };
      this.carriedTimings = (await checkSparkPipeline.executeWithOptions(options, [plan.manifest])) ?? {};
      ledger.setParameters(resolveParameters(spec, this.options.parameters ?? {}, ledger.evaluator()));
    } catch (error) {
      if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) throw error.cause;
      if (error instanceof ParameterError) throw ApplicationFailure.nonRetryable(error.message, error.type);
      throw error;
    }
    ledger.publish();
  }

  private async takeUp(): Promise<void> {
    this.parts.ledger.publish();
    this.stages.resume();
  }

  private async watchTheClock(): Promise<void> {
    const { manifest, facts } = this.parts.plan;
    const { timeoutSeconds } = manifest.spec;
    if (timeoutSeconds === undefined) return;
    const left = Date.parse(facts.startedAt) + timeoutSeconds * 1000 - Date.now();
    await sleep(Math.max(left, 1), { summary: 'time limit of the pipeline' });
    this.stages.stop(Stop.TimedOut);
  }

  private async untilOver(): Promise<void> {
    const { ledger, inFlight } = this.parts;
    for (;;) {
      inFlight.sleep();
      this.stages.advance();
      this.show();
      if (ledger.isSettled && inFlight.active === 0) return;
      await condition(() => inFlight.isWoken);
      if (this.isHistoryLong()) await this.continueAsNew();
    }
  }

  private show(): void {
    this.showDetails();
    updateSearchAttributes({ state: this.pipelineState });
  }

  private showDetails(): void {
    setCurrentDetails(pipelineDetails(this.status(), workflowInfo().workflowId));
  }

  private isHistoryLong(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    return continueAsNewSuggested || historyLength >= (this.options.maxHistoryEvents ?? Infinity);
  }

  private async continueAsNew(): Promise<never> {
    const { plan, ledger, controls, inFlight } = this.parts;
    controls.isContinuing = true;
    await condition(() => inFlight.isQuiet && allHandlersFinished());
    // Both are carried over in `carried`.
    const { keep: _, parameters: __, ...options } = this.options;
    const { pausedWith: pause, parentPausedWith: parentPause, stopped: stop } = controls;
    const carried: CarriedPipeline = {
      parameters: ledger.parameters,
      scheduleTime: plan.facts.schedule.time,
      startedAt: plan.facts.startedAt,
      ...present({ pause, parentPause, stop, toldPaused: controls.isPausePropagated ? true : undefined }),
      ...this.carriedTimings,
      granted: inFlight.carried(),
      stages: ledger.carried(),
    };
    return continueAsNew(plan.manifest, options, carried);
  }

  /** A run can end as cancelled only if its cancellation was requested, and that may have been of the run before. */
  private async untilCancelled(root: CancellationScope): Promise<void> {
    if (root.consideredCancelled) return;
    const { workflowId, firstExecutionRunId: runId } = workflowInfo();
    await cancelWorkflow.executeWithOptions({ summary: 'cancel this run as well' }, [{ workflowId, runId }]);
    await condition(() => root.consideredCancelled);
  }

  private async conclude(root: CancellationScope): Promise<SparkPipelineResult> {
    const { plan, ledger, controls } = this.parts;
    const conclusion = conclusionOf(plan, ledger, controls.stopped);
    this.finished = conclusion.state;
    this.finishedAt = now();
    this.show();
    const result = resultOf(plan, ledger, conclusion, this.finishedAt);
    if (conclusion.state === PipelineState.Cancelled) await this.untilCancelled(root);
    await condition(allHandlersFinished);
    switch (conclusion.state) {
      case PipelineState.Completed:
        return result;
      case PipelineState.Cancelled:
        // Temporal keeps no details of a cancelled workflow: its result is put into the memo.
        upsertMemo({ [RESULT_MEMO]: result });
        throw new CancelledFailure('The pipeline was cancelled.');
      case PipelineState.Failed:
        throw ApplicationFailure.create({
          // Half a character would block the workflow for ever.
          message: `Pipeline ${plan.manifest.metadata.name} failed: ${conclusion.why}`.toWellFormed(),
          type: SPARK_PIPELINE_FAILED,
          nonRetryable: true,
          details: [result],
        });
      default:
        return conclusion.state satisfies never;
    }
  }
}
