import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type {
  PipelineStage,
  SparkApplicationManifest,
  SparkPipeline,
  SparkPipelineManifest,
} from '../../manifest/index.ts';
import { applicationOf } from '../../manifest/pipeline/merge.ts';
import { Annotation, Label } from '../../spark/metadata.ts';
import { render, renderApplication } from '../../manifest/pipeline/template.ts';
import {
  PIPELINE_ACTIVITY_WORKFLOW,
  SPARK_APPLICATION_WORKFLOW,
  SPARK_PIPELINE_WORKFLOW,
  type RunHistoryLimits,
} from '../../protocol/index.ts';
import type { PipelineActivityInput } from './spark-pipeline-activity.ts';
import { present } from '../../validation/present.ts';

/** For Temporal's UI, which shows it in place of the child's id. */
function executorsOf(instances: number | undefined): string {
  if (instances === undefined) return '';
  return instances === 1 ? '1 executor' : `${instances} executors`;
}

/** The child workflow of a stage, or of one item of it. */
export interface StageChild {
  readonly workflowType: string;
  readonly args: unknown[];
  readonly taskQueue?: string;
  /** A few words for Temporal's UI. */
  readonly summary: string;
}

/** The data that a child gets from its run. */
interface ChildFacts {
  readonly workflowId: string;
  /** Item of a fan-out. */
  readonly index?: number;
  readonly scheduleTime: string;
  readonly timeZone: string;
  readonly history?: RunHistoryLimits;
}

/**
 * Evaluates a stage's expressions into the child workflow that runs it.
 *
 * @throws ExpressionError
 */
export function stageChild(
  pipeline: SparkPipeline,
  stage: PipelineStage,
  evaluate: (expression: string) => unknown,
  facts: ChildFacts,
): StageChild {
  if (stage.workflow !== undefined) {
    const { type, taskQueue, args = [] } = stage.workflow;
    return {
      workflowType: type,
      args: [...render(args, evaluate)],
      summary: type,
      ...present({ taskQueue }),
    };
  }
  if (stage.activity !== undefined) {
    const input: PipelineActivityInput = render(stage.activity, evaluate);
    return { workflowType: PIPELINE_ACTIVITY_WORKFLOW, args: [input], summary: input.type };
  }
  if (stage.pipeline !== undefined) {
    const nested: SparkPipelineManifest = {
      apiVersion: pipeline.apiVersion,
      kind: pipeline.kind,
      metadata: { name: stage.name, namespace: pipeline.metadata.namespace },
      spec: stage.pipeline,
    };
    const parameters = render(stage.parameters ?? {}, evaluate);
    return {
      workflowType: SPARK_PIPELINE_WORKFLOW,
      args: [
        nested,
        {
          parameters,
          scheduleTime: facts.scheduleTime,
          timeZone: facts.timeZone,
          ...(facts.history === undefined
            ? {}
            : { history: { ...facts.history, schedule: partsOf(facts.history.schedule, stage, facts).join('/') } }),
        },
      ],
      summary: `${stage.pipeline.stages.length} stages`,
    };
  }
  const manifest = applicationManifest(pipeline, stage, evaluate, facts);
  const { sparkVersion, executor } = manifest.spec;
  const summary = [`Spark ${sparkVersion}`, executorsOf(executor.instances)];
  return {
    workflowType: SPARK_APPLICATION_WORKFLOW,
    args: [manifest],
    summary: summary.filter((part) => part !== '').join(' · '),
  };
}

function applicationManifest(
  { metadata, spec }: SparkPipeline,
  stage: PipelineStage,
  evaluate: (expression: string) => unknown,
  facts: ChildFacts,
): SparkApplicationManifest {
  const history = historyOf(stage, facts);
  const written = renderApplication(applicationOf(stage, spec)!, evaluate) as Partial<SparkApplicationManifest>;
  return {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: {
      name: applicationName(partsOf(metadata.name, stage, facts), facts.workflowId),
      namespace: metadata.namespace,
      ...written.metadata,
      labels: {
        ...metadata.labels,
        ...written.metadata?.labels,
        [Label.Pipeline]: metadata.name,
        [Label.Stage]: stage.name,
        ...history.labels,
      },
    },
    spec: withDriverAnnotations(written.spec!, history.annotations),
  };
}

const partsOf = (first: string, { name }: PipelineStage, { index }: ChildFacts): string[] => [
  first,
  name,
  ...(index === undefined ? [] : [String(index)]),
];

/** By which housekeeping finds the drivers of the same stage of a schedule, and how many of them it keeps. */
function historyOf(
  stage: PipelineStage,
  facts: ChildFacts,
): { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> } {
  const { history } = facts;
  if (history === undefined) return {};
  const { schedule, successful, failed } = history;
  const parts = partsOf(schedule, stage, facts);
  return {
    labels: { [Label.ScheduledAppName]: applicationName(parts.join('/').split('/'), parts.join('/')) },
    annotations: {
      ...(successful === undefined ? {} : { [Annotation.SuccessfulRunHistoryLimit]: String(successful) }),
      ...(failed === undefined ? {} : { [Annotation.FailedRunHistoryLimit]: String(failed) }),
    },
  };
}

function withDriverAnnotations(
  spec: SparkApplicationManifest['spec'],
  annotations: Record<string, string> | undefined,
): SparkApplicationManifest['spec'] {
  if (annotations === undefined) return spec;
  return { ...spec, driver: { ...spec.driver, annotations: { ...spec.driver.annotations, ...annotations } } };
}

const NAME_LIMIT = 50;
const SUFFIX_LENGTH = 6;

/** Differs from run to run of a pipeline, so that two may be under way; the same for each try of a stage. */
function applicationName(parts: readonly string[], workflowId: string): string {
  const suffix = bytesToHex(sha256(utf8ToBytes(workflowId))).slice(0, SUFFIX_LENGTH);
  return `${parts.join('-').slice(0, NAME_LIMIT - SUFFIX_LENGTH - 1)}-${suffix}`;
}
