import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** What applications and pipelines can be searched by in Temporal; registered by `temporal-spark setup`. */
export const SearchAttribute = {
  /** `metadata.name` of the application. */
  ApplicationName: defineSearchAttributeKey('SparkApplicationName', SearchAttributeType.KEYWORD),
  /** Namespace of Kubernetes. */
  Namespace: defineSearchAttributeKey('SparkNamespace', SearchAttributeType.KEYWORD),
  /** `RUNNING`, `PENDING_RERUN`, … */
  State: defineSearchAttributeKey('SparkState', SearchAttributeType.KEYWORD),
  /** Name of the pipeline. */
  Pipeline: defineSearchAttributeKey('SparkPipeline', SearchAttributeType.KEYWORD),
} as const;
