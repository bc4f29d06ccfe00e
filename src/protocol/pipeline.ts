import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { SparkPipelineManifest } from '../manifest/index.ts';
import { FailureType } from './failure-type.ts';
import type { DoneItems } from './kept-stages.ts';
import type { RunHistoryLimits } from './pipeline-options.ts';

/** Workflow type of one run of a pipeline. */
export const SPARK_PIPELINE_WORKFLOW = 'sparkPipeline';

/** Workflow type of an application that a schedule starts. */
export const SCHEDULED_SPARK_APPLICATION_WORKFLOW = 'scheduledSparkApplication';

/** Workflow type of a stage that is an activity. */
export const PIPELINE_ACTIVITY_WORKFLOW = 'sparkPipelineActivity';

/** `type` of the ApplicationFailure a pipeline ends with that failed; its detail is the result. */
export const SPARK_PIPELINE_FAILED = FailureType.SparkPipelineFailed;

export const PipelineState = {
  Running: 'RUNNING',
  /** Nothing new starts; running stages continue. */
  Paused: 'PAUSED',
  /** Running stages are being cancelled, or finish, and clean-up stages run. */
  Stopping: 'STOPPING',
  Completed: 'COMPLETED',
  Failed: 'FAILED',
  Cancelled: 'CANCELLED',
} as const;
export type PipelineState = (typeof PipelineState)[keyof typeof PipelineState];

export const StageState = {
  /** Waits for what it depends on, or for room. */
  Pending: 'PENDING',
  Running: 'RUNNING',
  Succeeded: 'SUCCEEDED',
  Failed: 'FAILED',
  /** It did not run: a condition was not met, or the pipeline stopped before. */
  Skipped: 'SKIPPED',
  Cancelled: 'CANCELLED',
} as const;
export type StageState = (typeof StageState)[keyof typeof StageState];

/** The status of a stage. Times are RFC 3339. */
export interface StageStatus {
  readonly name: string;
  readonly state: StageState;
  /** One word for why: `SparkApplicationFailed`, `OOMKilled`, `TimedOut`, `MissingOutput`, `DependencyNotMet`, … */
  readonly reason?: string;
  readonly message?: string;
  /** Child workflows started, retries included. */
  readonly attempts?: number;
  /** The reason why it waits while it runs: a retry, a semaphore, a place. */
  readonly waitingFor?: string;
  /** Items of a fan-out. */
  readonly items?: {
    readonly total: number;
    readonly running: number;
    readonly succeeded: number;
    readonly failed: number;
  };
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Of a fan-out that has ended and did not succeed, where there was room for it: what a rerun need not do again. */
  readonly done?: DoneItems;
  /** The result is that of an earlier run. */
  readonly kept?: boolean;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

/** For Temporal's UI. */
export function pipelineSummary({ metadata, spec }: SparkPipelineManifest): string {
  const { length } = spec.stages;
  return `${metadata.name} · ${length} ${length === 1 ? 'stage' : 'stages'}`;
}

/** Answer of the `status` query of a pipeline. */
export interface SparkPipelineStatus {
  readonly state: PipelineState;
  readonly namespace: string;
  readonly name: string;
  /** Which run of the pipeline: the last part of the workflow id. */
  readonly run: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Its logical time: `schedule.time` of its expressions. */
  readonly scheduleTime: string;
  /** IANA zone that `schedule.date` is a day of. */
  readonly timeZone: string;
  /** Of how many runs housekeeping keeps the drivers, where its schedule sets it. */
  readonly history?: RunHistoryLimits;
  /** Why it is paused. */
  readonly note?: string;
  readonly stages: readonly StageStatus[];
  readonly startedAt: string;
  readonly finishedAt?: string;
}

/** What a pipeline returns, or carries in its failure. */
export interface SparkPipelineResult<Outputs = Readonly<Record<string, unknown>>> {
  readonly state: typeof PipelineState.Completed | typeof PipelineState.Failed | typeof PipelineState.Cancelled;
  readonly namespace: string;
  readonly name: string;
  readonly run: string;
  /** Outputs of the pipeline, as `spec.outputs` defines them. */
  readonly outputs: Outputs;
  /** The number of stages by final state. */
  readonly counts: Readonly<Partial<Record<StageState, number>>>;
  /** The stages that did not succeed, at most 100, with the reason. */
  readonly unsuccessful: readonly Pick<StageStatus, 'name' | 'state' | 'reason' | 'message'>[];
  readonly startedAt: string;
  readonly finishedAt: string;
}

export const pipelineStatusQuery = defineQuery<SparkPipelineStatus>('status');
export const pipelineManifestQuery = defineQuery<SparkPipelineManifest>('manifest');
export const pausePipelineUpdate = defineUpdate<void, [note: string | undefined]>('pause');
export const resumePipelineUpdate = defineUpdate<void>('resume');
/** To a pipeline that is a stage of another: that one was paused or resumed. */
export interface ParentPause {
  readonly paused: boolean;
  readonly note?: string;
}
export const parentPausedSignal = defineSignal<[ParentPause]>('parentPaused');
export const cancelStageUpdate = defineUpdate<void, [stage: string]>('cancelStage');
