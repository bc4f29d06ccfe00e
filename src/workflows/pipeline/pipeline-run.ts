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
  SPARK_PIPELINE_FAILED,
  type GrantedPlace,
  type ParentPause,
  type PipelineActivities,
  type SparkPipelineOptions,
  type SparkPipelineResult,
  type SparkPipelineStatus,
} from '../../protocol/index.ts';
import { updateSearchAttributes } from '../application/search-attributes.ts';
import { pipelineDetails } from './pipeline-details.ts';
import type { CarriedPipeline } from './carried-pipeline.ts';
import { conclusionOf, resultOf } from './pipeline-result.ts';
import { now, RunState } from './ledger.ts';
import { compacted, isSettled, stageStatus } from './stage-record.ts';
import { StageScheduler } from './stages.ts';
import { Stop } from './stop.ts';

const { checkSparkPipeline, cancelWorkflow } = proxyActivities<PipelineActivities>({ startToCloseTimeout: '1 minute' });

/**
 * One run of a pipeline: starts each stage as a child workflow when what it depends on has ended as it should.
 *
 * Children are abandoned to themselves as far as Temporal is concerned, because they have to live on while this workflow
 * continues as new; what ends them is this run, by asking each. After continuing as new, a child that was running is
 * waited for by an activity. Nothing is under way to start or end a child at that moment (`busy`), so none is lost and
 * none starts twice.
 */
export class PipelineRun {
  private readonly options: SparkPipelineOptions;
  private readonly state: RunState;
  private readonly stages: StageScheduler;
  private readonly resumed: boolean;
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
    this.options = options;
    this.state = new RunState(complete, options, carried);
    this.state.show = () => this.showDetails();
    this.stages = new StageScheduler(this.state);
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
      await (this.resumed ? this.resume() : this.begin());
      void this.watchTheClock();
      await this.untilOver();
      return this.conclude(root);
    });
  }

  status(): SparkPipelineStatus {
    const { manifest, parameters, scheduleTime, timeZone, history, pause, records, startedAt, run } = this.state;
    const { name, namespace } = manifest.metadata;
    return {
      state: this.pipelineState,
      namespace,
      name,
      run,
      parameters,
      scheduleTime,
      timeZone,
      ...(history === undefined ? {} : { history }),
      ...(pause?.note === undefined ? {} : { note: pause.note }),
      stages: manifest.spec.stages.map((stage) => stageStatus(stage.name, records[stage.name]!)),
      startedAt,
      ...(this.finishedAt === undefined ? {} : { finishedAt: this.finishedAt }),
    };
  }

  pause(note?: string): void {
    this.state.pausedWith = note === undefined ? {} : { note };
    this.state.wake();
  }

  parentPaused({ paused, note }: ParentPause): void {
    this.state.parentPausedWith = paused ? (note === undefined ? {} : { note }) : undefined;
    this.state.wake();
  }

  unpause(): void {
    this.state.pausedWith = undefined;
    this.state.wake();
  }

  /** What is wrong with cancelling a stage of that name, if anything. */
  cancelFault(name: string): string | undefined {
    const { records } = this.state;
    const record = records[name];
    if (record === undefined)
      return `There is no stage ${name}; there are ${Object.keys(records).slice(0, 20).join(', ')}.`;
    return isSettled(record) ? `The stage ${name} has ended: ${record.state}.` : undefined;
  }

  cancelStage(name: string): void {
    this.stages.cancel(name);
  }

  grant(place: GrantedPlace): void {
    this.stages.grant(place);
  }

  private get pipelineState(): PipelineState {
    if (this.finished !== undefined) return this.finished;
    if (this.state.stopped !== undefined) return PipelineState.Stopping;
    return this.state.pause === undefined ? PipelineState.Running : PipelineState.Paused;
  }

  private async begin(): Promise<void> {
    const { state } = this;
    const { manifest } = state;
    try {
      const checked = await checkSparkPipeline.executeWithOptions({ summary: manifest.metadata.name }, [manifest]);
      state.carriedTimings = checked ?? {};
      state.setParameters(resolveParameters(manifest.spec, this.options.parameters ?? {}, state.scope.evaluator()));
    } catch (error) {
      if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) throw error.cause;
      if (error instanceof ParameterError) throw ApplicationFailure.nonRetryable(error.message, error.type);
      throw error;
    }
    state.scope.setParameters(manifest.spec, state.parameters);
    for (const stage of state.order) if (isSettled(state.records[stage.name]!)) state.publish(stage);
  }

  private async resume(): Promise<void> {
    this.state.scope.setParameters(this.state.manifest.spec, this.state.parameters);
    this.stages.resume();
  }

  private async watchTheClock(): Promise<void> {
    const { timeoutSeconds } = this.state.manifest.spec;
    if (timeoutSeconds === undefined) return;
    const left = Date.parse(this.state.startedAt) + timeoutSeconds * 1000 - Date.now();
    await sleep(Math.max(left, 1), { summary: 'time limit of the pipeline' });
    this.stages.stop(Stop.TimedOut);
  }

  private async untilOver(): Promise<void> {
    const { state } = this;
    for (;;) {
      state.woken = false;
      this.stages.advance();
      this.show();
      if (state.order.every((stage) => isSettled(state.records[stage.name]!)) && state.active === 0) return;
      await condition(() => state.woken);
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
    const { state } = this;
    state.continuing = true;
    await condition(() => state.busy === 0 && allHandlersFinished());
    // The next run is handed both below.
    const { keep: _, parameters: __, ...options } = this.options;
    const carried: CarriedPipeline = {
      parameters: state.parameters,
      scheduleTime: state.scheduleTime,
      startedAt: state.startedAt,
      ...(state.pausedWith === undefined ? {} : { pause: state.pausedWith }),
      ...(state.parentPausedWith === undefined ? {} : { parentPause: state.parentPausedWith }),
      ...(state.toldPaused ? { toldPaused: true } : {}),
      ...(state.stopped === undefined ? {} : { stop: state.stopped }),
      ...state.carriedTimings,
      granted: [...state.granted],
      stages: Object.fromEntries(Object.entries(state.records).map(([name, record]) => [name, compacted(record)])),
    };
    return continueAsNew(state.manifest, options, carried);
  }

  /** Only a run that was asked to be cancelled can end so, and the cancel was for one that this one continues. */
  private async untilCancelled(root: CancellationScope): Promise<void> {
    if (root.consideredCancelled) return;
    const { workflowId, firstExecutionRunId: runId } = workflowInfo();
    await cancelWorkflow.executeWithOptions({ summary: 'this run as well' }, [{ workflowId, runId }]);
    await condition(() => root.consideredCancelled);
  }

  private async conclude(root: CancellationScope): Promise<SparkPipelineResult> {
    const conclusion = conclusionOf(this.state);
    this.finished = conclusion.state;
    this.finishedAt = now();
    this.show();
    const result = resultOf(this.state, conclusion, this.finishedAt);
    if (conclusion.state === PipelineState.Cancelled) await this.untilCancelled(root);
    await condition(allHandlersFinished);
    switch (conclusion.state) {
      case PipelineState.Completed:
        return result;
      case PipelineState.Cancelled:
        // Temporal keeps no details of a cancelled workflow: its result goes into the memo.
        upsertMemo({ [RESULT_MEMO]: result });
        throw new CancelledFailure('The pipeline was cancelled.');
      case PipelineState.Failed:
        throw ApplicationFailure.create({
          message: `Pipeline ${this.state.manifest.metadata.name} failed: ${conclusion.why}`,
          type: SPARK_PIPELINE_FAILED,
          nonRetryable: true,
          details: [result],
        });
      default:
        return conclusion.state satisfies never;
    }
  }
}
