import type { Metadata } from '../metadata.ts';
import type { ManifestMetadata, SparkApplicationManifest } from '../manifest-types.ts';
import type { ValueType } from './value-type.ts';

/**
 * A group of our own, because the operator has no pipelines; it is the prefix of our labels and annotations too. Alpha:
 * a field may still change, with a note in the changelog.
 */
export const PIPELINE_API_VERSION = 'temporal-spark/v1alpha1';

/** How a dependency must have ended for a stage to run. */
export const DependencyCondition = {
  Succeeded: 'succeeded',
  Failed: 'failed',
  /** Any result: succeeded, failed, cancelled or skipped. */
  Completed: 'completed',
} as const;
export type DependencyCondition = (typeof DependencyCondition)[keyof typeof DependencyCondition];

/** What a pipeline does when one of its stages has failed for good. */
export const FailurePolicy = {
  /** Cancel what runs, start nothing more. */
  FailFast: 'FailFast',
  /** Let finish what runs, start nothing more. */
  FinishRunning: 'FinishRunning',
  /** Continue with every stage that does not need the failed one. */
  Continue: 'Continue',
} as const;
export type FailurePolicy = (typeof FailurePolicy)[keyof typeof FailurePolicy];

/** Where the driver of a stage leaves its outputs. */
export const OutputSource = {
  /** As a JSON object in /dev/termination-log; at most 4096 bytes. */
  TerminationMessage: 'TerminationMessage',
  /** In the ConfigMap `<spark.app.id>-outputs` of its namespace, a key for each; at most 65536 bytes. */
  ConfigMap: 'ConfigMap',
} as const;
export type OutputSource = (typeof OutputSource)[keyof typeof OutputSource];

export interface StageDependency {
  /** Name of the stage. */
  readonly stage: string;
  /** How it must have ended. @default 'succeeded', for a clean-up stage 'completed' */
  readonly condition?: DependencyCondition;
}

export interface PipelineParameter {
  /** What a value must be. */
  readonly type: ValueType;
  /** Description for readers. */
  readonly description?: string;
  /** A value, or a text with expressions over `schedule` and `run`. Without one the parameter is required. */
  readonly default?: unknown;
}

type ApplicationSpec = SparkApplicationManifest['spec'];

/** A SparkApplication as a stage holds it. Any text may be a `${{ … }}`, also where the field is not a text. */
export interface ApplicationTemplate {
  /** `sparkoperator.k8s.io/v1beta2`. */
  readonly apiVersion?: SparkApplicationManifest['apiVersion'];
  /** `SparkApplication`. */
  readonly kind?: SparkApplicationManifest['kind'];
  /** Without a name each run has its own. */
  readonly metadata?: Partial<SparkApplicationManifest['metadata']>;
  /** What to run. */
  readonly spec: Templated<ApplicationSpec>;
}

/** A type any part of which may be an expression instead. */
export type Templated<T> = string extends T
  ? T | string
  : T extends readonly (infer Item)[]
    ? Templated<Item>[] | string
    : T extends object
      ? { [K in keyof T]: Templated<T[K]> }
      : T | string;

/** A type any part of which may be left out. */
export type Overrides<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: Overrides<T[K]> }
    : T;

export interface ForEach {
  /** A list, or an expression that gives one. */
  readonly items?: readonly unknown[] | string;
  /** Whole numbers from `from` (default 0) to `to`, both included. */
  readonly range?: { readonly from?: number | string; readonly to: number | string; readonly step?: number };
  /** How many run at once. @default as many as the pipeline allows */
  readonly maxConcurrent?: number;
}

/** How often a stage is tried; each try is a new run of its child workflow. */
export interface StageRetry {
  /** Tries in all, the first included. */
  readonly maxAttempts: number;
  /** Seconds before the second try. @default 10 */
  readonly intervalSeconds?: number;
  /** What the interval is multiplied by from try to try. @default 2 */
  readonly backoffCoefficient?: number;
  /** Longest interval. @default 600 */
  readonly maxIntervalSeconds?: number;
}

export interface StageSemaphore {
  /** Semaphores of the same name are the same in all pipelines of a Temporal namespace. */
  readonly name: string;
  /** How many stages may hold it at once. */
  readonly limit: number;
}

export interface CalledWorkflow {
  /** Workflow type. */
  readonly type: string;
  /** Task queue of the workers that have it. @default the pipeline's */
  readonly taskQueue?: string;
  /** Its arguments. */
  readonly args?: readonly unknown[];
}

export interface CalledActivity {
  /** Activity type. */
  readonly type: string;
  /** Task queue of the workers that have it. @default the pipeline's */
  readonly taskQueue?: string;
  /** Its arguments. */
  readonly args?: readonly unknown[];
  /** Seconds that one try may take. @default 3600 */
  readonly startToCloseTimeoutSeconds?: number;
  /** Seconds without a heartbeat after which it is tried again. @default none */
  readonly heartbeatTimeoutSeconds?: number;
}

/**
 * One stage. Exactly one of `application`, `applicationFile`, `template`, `pipeline`, `pipelineFile`, `workflow`,
 * `activity`.
 */
export interface PipelineStage {
  /** Unique in the pipeline; the last part of its child's workflow id. */
  readonly name: string;
  /** Description for readers. */
  readonly description?: string;
  /** Stages that must end first: names, or a stage and a condition. */
  readonly dependsOn?: readonly (string | StageDependency)[];
  /** Expression: the stage is skipped where it is false. */
  readonly when?: string;
  /**
   * Clean-up: runs when its dependencies have ended (without `dependsOn`: all other stages), with any result, also
   * after a failure or a cancel.
   */
  readonly always?: boolean;
  /** Its failure does not fail the pipeline. */
  readonly allowFailure?: boolean;
  /** Runs the stage once for each item, which expressions read as `item` and `index`. */
  readonly forEach?: ForEach;
  /** The application to run. */
  readonly application?: ApplicationTemplate;
  /** A SparkApplication's file, relative to the pipeline's; read before the pipeline starts. */
  readonly applicationFile?: string;
  /** The application to run: one of `spec.templates`. */
  readonly template?: string;
  /** Merged over the spec of the template or the file: maps are merged, anything else replaced. */
  readonly overrides?: Overrides<Templated<ApplicationSpec>>;
  /** The pipeline to run: its spec. */
  readonly pipeline?: SparkPipelineSpec;
  /** A SparkPipeline's file; read before the pipeline starts. */
  readonly pipelineFile?: string;
  /** Parameters of a nested pipeline. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** A workflow of yours to run. */
  readonly workflow?: CalledWorkflow;
  /** An activity of yours to run. */
  readonly activity?: CalledActivity;
  /** What it gives to later stages. */
  readonly outputs?: Readonly<Record<string, ValueType>>;
  /** Where an application's driver leaves them. @default 'TerminationMessage' */
  readonly outputsFrom?: OutputSource;
  /** How often it is tried. @default once */
  readonly retry?: StageRetry;
  /** Seconds a try may take, waiting for the semaphore not included. */
  readonly timeoutSeconds?: number;
  /** Seconds a workflow or an activity may take to end once it is cancelled; then it is terminated. @default 600 */
  readonly terminateAfterSeconds?: number;
  /** How many stages may run at once over all pipelines that name it. */
  readonly semaphore?: StageSemaphore;
}

export interface PipelineOutput {
  /** What the value must be. */
  readonly type: ValueType;
  /** A value, or a text with expressions over all stages. */
  readonly value: unknown;
}

export interface SparkPipelineSpec {
  /** Description for readers. */
  readonly description?: string;
  /** Values that each run may be given. */
  readonly parameters?: Readonly<Record<string, PipelineParameter>>;
  /** Applications that stages share. */
  readonly templates?: Readonly<Record<string, ApplicationTemplate>>;
  /** Stages, in any order. */
  readonly stages: readonly PipelineStage[];
  /** What a failed stage means for the others. @default 'FinishRunning' */
  readonly failurePolicy?: FailurePolicy;
  /** Stages (and items of stages) that run at once. @default 200 */
  readonly maxConcurrentStages?: number;
  /** Seconds after which the pipeline is cancelled, clean-up stages excepted. @default none */
  readonly timeoutSeconds?: number;
  /** What the pipeline's result holds, and a pipeline around it may use. */
  readonly outputs?: Readonly<Record<string, PipelineOutput>>;
}

/** A pipeline as written. */
export interface SparkPipelineManifest {
  /** `temporal-spark/v1alpha1`. */
  readonly apiVersion: typeof PIPELINE_API_VERSION;
  /** `SparkPipeline`. */
  readonly kind: 'SparkPipeline';
  /** Its name, or the beginning of one, and the namespace of the applications that name none. */
  readonly metadata: ManifestMetadata;
  /** What to run, and in which order. */
  readonly spec: SparkPipelineSpec;
}

/** A checked pipeline: named, in a namespace, its files read. Plain JSON. */
export interface SparkPipeline extends SparkPipelineManifest {
  readonly metadata: Metadata;
}
