import type { SearchAttributePair } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../../manifest/index.ts';
import {
  applicationAttributes,
  pipelineAttributes,
  SearchAttribute,
  SPARK_APPLICATION_WORKFLOW,
  SPARK_PIPELINE_WORKFLOW,
} from '../../protocol/index.ts';

interface Values {
  readonly name?: string;
  readonly namespace?: string;
  readonly state: string;
}

/**
 * Updates the attributes that the workflow was started with, and adds none: a workflow cannot know which are
 * registered, and its task fails when it sets an unknown one. The client that started it knew.
 */
export function updateSearchAttributes({ name, namespace, state }: Values): void {
  const { typedSearchAttributes: present } = workflowInfo();
  const wanted = [
    { key: SearchAttribute.ApplicationName, value: name },
    { key: SearchAttribute.Namespace, value: namespace },
    { key: SearchAttribute.State, value: state },
  ];
  const changed = wanted.flatMap(({ key, value }) => {
    const before = present.get(key);
    return before === undefined || value === undefined || before === value ? [] : [{ key, value }];
  });
  if (changed.length > 0) upsertSearchAttributes(changed);
}

/** What the child of a pipeline is started with, where the pipeline itself was started with attributes. */
export function attributesOfChild(
  workflowType: string,
  manifest: unknown,
): { readonly typedSearchAttributes?: SearchAttributePair[] } {
  const pipeline = workflowInfo().typedSearchAttributes.get(SearchAttribute.Pipeline);
  if (pipeline === undefined) return {};
  const ofPipeline: SearchAttributePair = { key: SearchAttribute.Pipeline, value: pipeline };
  const { metadata: { namespace = 'default', name } = {} } = (manifest ?? {}) as Partial<SparkApplicationManifest>;
  if (name === undefined) return { typedSearchAttributes: [ofPipeline] };
  switch (workflowType) {
    case SPARK_APPLICATION_WORKFLOW:
      return { typedSearchAttributes: [...applicationAttributes(namespace, name), ofPipeline] };
    case SPARK_PIPELINE_WORKFLOW:
      return { typedSearchAttributes: pipelineAttributes(namespace, pipeline) };
    default:
      return { typedSearchAttributes: [ofPipeline] };
  }
}
