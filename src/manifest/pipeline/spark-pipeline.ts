import * as z from 'zod';
import { formatted } from '../../validation/formats.ts';
import { checkedMetadata, metadata } from '../metadata.ts';
import { checkSparkPipeline } from './check.ts';
import {
  DependencyCondition,
  FailurePolicy,
  OutputSource,
  PIPELINE_API_VERSION,
  type SparkPipeline,
  type SparkPipelineSpec,
} from './types.ts';
import { VALUE_TYPES } from './value-type.ts';
import { Longest, LONGEST_SECONDS } from '../../validation/lengths.ts';
import { int32, int64 } from '../../validation/whole-number.ts';

const text = z.string().min(1).max(Longest.Line);
const stageName = formatted('dns-1035-label');
const seconds = int64({ minimum: 1, maximum: LONGEST_SECONDS });
const valueType = z.enum(VALUE_TYPES);
const values = z.record(formatted('identifier'), z.unknown());
// Applications contain expressions where their own schema requires numbers: check-application.ts checks them.
const data = z.record(z.string(), z.unknown());

const application = z.strictObject({
  apiVersion: z.literal('sparkoperator.k8s.io/v1beta2').exactOptional(),
  kind: z.literal('SparkApplication').exactOptional(),
  metadata: data.exactOptional().describe('Metadata. Without a name each run has its own.'),
  spec: data,
  status: z.unknown().exactOptional(),
});

const dependency = z.preprocess(
  (written) => (typeof written === 'string' ? { stage: written } : written),
  z.strictObject({
    stage: stageName,
    condition: z.enum(Object.values(DependencyCondition)).exactOptional().describe('Default: succeeded.'),
  }),
);

const called = {
  type: text.describe('Its type: the name under which a worker registers it.'),
  taskQueue: text.exactOptional().describe("Task queue of the workers that have it. Default: the pipeline's."),
  args: z.array(z.unknown()).exactOptional().describe('Arguments.'),
};

const stage = z
  .strictObject({
    name: stageName.describe("Name of the stage, the last part of its child's workflow id."),
    description: z.string().exactOptional().describe('Description for readers.'),
    dependsOn: z
      .array(dependency)
      .exactOptional()
      .describe('Stages that must end first: names, or a stage and a condition.'),
    when: text.exactOptional().describe('Expression: the stage is skipped where it is false.'),
    always: z
      .boolean()
      .exactOptional()
      .describe('Clean-up: runs with any result of the others, also after a cancel. Default: false.'),
    allowFailure: z.boolean().exactOptional().describe('Its failure does not fail the pipeline. Default: false.'),
    forEach: z
      .strictObject({
        items: z.unknown().exactOptional().describe('A list, or an expression that gives one.'),
        range: z
          .strictObject({
            from: z.unknown().exactOptional().describe('First number. Default: 0.'),
            to: z.unknown().describe('Last number.'),
            step: int64().exactOptional().describe('Default: 1.'),
          })
          .exactOptional()
          .describe('Whole numbers, both ends included.'),
        maxConcurrent: int64({ minimum: 1 })
          .exactOptional()
          .describe('How many run at once. Default: maxConcurrentStages.'),
      })
      .exactOptional()
      .describe('Runs the stage once for each item, which expressions read as item and index.'),
    application: application.exactOptional().describe('The application to run.'),
    applicationFile: text.exactOptional().describe('File with the application to run, relative to this one.'),
    template: text.exactOptional().describe('The application to run: one of spec.templates.'),
    overrides: data.exactOptional().describe('Merged over the spec of the template or the file.'),
    get pipeline() {
      return spec.exactOptional().describe('The pipeline to run: its spec.');
    },
    pipelineFile: text.exactOptional().describe('File with the pipeline to run, relative to this one.'),
    parameters: values.exactOptional().describe('Parameters of the nested pipeline.'),
    workflow: z.strictObject(called).exactOptional().describe('A workflow of yours to run.'),
    activity: z
      .strictObject({
        ...called,
        startToCloseTimeoutSeconds: seconds.exactOptional().describe('Default: 3600.'),
        heartbeatTimeoutSeconds: seconds.exactOptional().describe('For activities that heartbeat. Default: none.'),
      })
      .exactOptional()
      .describe('An activity of yours to run.'),
    outputs: z
      .record(formatted('identifier'), valueType)
      .exactOptional()
      .describe('Name and type of each value for later stages.'),
    outputsFrom: z
      .enum(Object.values(OutputSource))
      .exactOptional()
      .describe('Where the driver of an application leaves its outputs. Default: TerminationMessage.'),
    retry: z
      .strictObject({
        maxAttempts: int64({ minimum: 1 }).describe('Number of tries, the first included.'),
        intervalSeconds: seconds.exactOptional().describe('Seconds before the second try. Default: 10.'),
        backoffCoefficient: z.number().min(1).max(1_000).exactOptional().describe('Default: 2.'),
        maxIntervalSeconds: seconds.exactOptional().describe('Default: 600.'),
      })
      .exactOptional()
      .describe('Default: one try.'),
    timeoutSeconds: seconds.exactOptional().describe('How long a try may take. Default: as long as it takes.'),
    terminateAfterSeconds: seconds
      .exactOptional()
      .describe(
        'How long a workflow or an activity may take to end once cancelled; then it is terminated. Default: 600.',
      ),
    semaphore: z
      .strictObject({ name: stageName, limit: int32({ minimum: 1 }) })
      .exactOptional()
      .describe('How many stages may run at once over all pipelines that name it.'),
  })
  .meta({ id: 'PipelineStage' });

const spec = z
  .strictObject({
    description: z.string().exactOptional().describe('Description for readers.'),
    parameters: z
      .record(
        formatted('identifier'),
        z.strictObject({
          type: valueType,
          description: z.string().exactOptional().describe('Description for readers.'),
          default: z.unknown().exactOptional().describe('Without one the parameter is required.'),
        }),
      )
      .exactOptional()
      .describe('Values that each run may be given.'),
    templates: z.record(text, application).exactOptional().describe('Applications that stages share.'),
    stages: z.array(stage).min(1).describe('Stages, in any order.'),
    failurePolicy: z
      .enum(Object.values(FailurePolicy))
      .exactOptional()
      .describe('What happens to the other stages when one has failed. Default: FinishRunning.'),
    maxConcurrentStages: int32({ minimum: 1, maximum: 1000 })
      .exactOptional()
      .describe('Items count, too. Default: 200.'),
    timeoutSeconds: seconds.exactOptional().describe('How long a run may take. Default: as long as it takes.'),
    outputs: z
      .record(formatted('identifier'), z.strictObject({ type: valueType, value: z.unknown() }))
      .exactOptional()
      .describe("What the result of a run holds, with expressions over its stages' outputs."),
  })
  .meta({ id: 'SparkPipelineSpec' });

export const sparkPipelineSpec: z.ZodType<SparkPipelineSpec> = spec as z.ZodType as z.ZodType<SparkPipelineSpec>;

/** `SparkPipeline`: every problem of the whole graph is found before anything starts. */
export const sparkPipelineSchema: z.ZodType<SparkPipeline> = z
  .strictObject({
    apiVersion: z.literal(PIPELINE_API_VERSION),
    kind: z.literal('SparkPipeline'),
    metadata,
    spec: sparkPipelineSpec,
    status: z.unknown().exactOptional(),
  })
  .superRefine(checkSparkPipeline, { when: () => true })
  .transform(({ apiVersion, kind, metadata, spec }): SparkPipeline => ({
    apiVersion,
    kind,
    metadata: checkedMetadata(metadata),
    spec,
  }));
