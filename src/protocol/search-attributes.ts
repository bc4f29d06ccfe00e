import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import { ApplicationState } from './application-state.ts';
import { PipelineState } from './pipeline.ts';

/** The search attributes of applications and pipelines in Temporal; registered by `temporal-spark setup`. */
export const SearchAttribute = {
  /** `metadata.name` of the application. */
  ApplicationName: defineSearchAttributeKey('SparkApplicationName', SearchAttributeType.KEYWORD),
  /** Namespace of Kubernetes. */
  Namespace: defineSearchAttributeKey('SparkNamespace', SearchAttributeType.KEYWORD),
  /** `RUNNING`, `PENDING_RERUN`, … */
  State: defineSearchAttributeKey('SparkState', SearchAttributeType.KEYWORD),
  /** Name of the pipeline: of the outermost one, where one runs another. */
  Pipeline: defineSearchAttributeKey('SparkPipeline', SearchAttributeType.KEYWORD),
} as const;

/**
 * The attributes that an application is started with, where they are registered. Its workflow keeps them up to date.
 */
export function applicationAttributes(namespace: string, name: string): SearchAttributePair[] {
  return [
    { key: SearchAttribute.ApplicationName, value: name },
    { key: SearchAttribute.Namespace, value: namespace },
    { key: SearchAttribute.State, value: ApplicationState.New },
  ];
}

/** The same for a run of a pipeline. */
export function pipelineAttributes(namespace: string, name: string): SearchAttributePair[] {
  return [
    { key: SearchAttribute.Pipeline, value: name },
    { key: SearchAttribute.Namespace, value: namespace },
    { key: SearchAttribute.State, value: PipelineState.Running },
  ];
}
