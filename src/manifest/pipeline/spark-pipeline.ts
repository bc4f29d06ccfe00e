import * as z from 'zod';
import { formatted } from '../formats.ts';
import { checkedMetadata, metadata } from '../metadata.ts';
import { checkSparkPipeline } from './check.ts';
import {
  DependencyCondition,
  FailurePolicy,
  PIPELINE_API_VERSION,
  type SparkPipeline,
  type SparkPipelineSpec,
} from './types.ts';
import { VALUE_TYPES } from './value-type.ts';

const text = z.string().min(1);
const stageName = formatted('dns-1035-label');
const seconds = z.int().min(1);
const valueType = z.enum(VALUE_TYPES);
const values = z.record(formatted('identifier'), z.unknown());
// Applications hold expressions where their own schema wants numbers: they are checked as a whole (check-application.ts).
const data = z.record(z.string(), z.unknown());

const application = z.strictObject({
  apiVersion: z.literal('sparkoperator.k8s.io/v1beta2').exactOptional(),
  kind: z.literal('SparkApplication').exactOptional(),
  metadata: data.exactOptional(),
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

const called = { type: text, taskQueue: text.exactOptional(), args: z.array(z.unknown()).exactOptional() };

const stage = z.strictObject({
  name: stageName,
  description: z.string().exactOptional(),
  dependsOn: z.array(dependency).exactOptional(),
  when: text.exactOptional(),
  always: z.boolean().exactOptional(),
  allowFailure: z.boolean().exactOptional(),
  forEach: z
    .strictObject({
      items: z.unknown().exactOptional(),
      range: z
        .strictObject({ from: z.unknown().exactOptional(), to: z.unknown(), step: z.int().exactOptional() })
        .exactOptional(),
      maxConcurrent: z.int().min(1).exactOptional(),
    })
    .exactOptional(),
  application: application.exactOptional(),
  applicationFile: text.exactOptional(),
  template: text.exactOptional(),
  overrides: data.exactOptional(),
  get pipeline() {
    return spec.exactOptional();
  },
  pipelineFile: text.exactOptional(),
  parameters: values.exactOptional(),
  workflow: z.strictObject(called).exactOptional(),
  activity: z
    .strictObject({
      ...called,
      startToCloseTimeoutSeconds: seconds.exactOptional(),
      heartbeatTimeoutSeconds: seconds.exactOptional(),
    })
    .exactOptional(),
  outputs: z.record(formatted('identifier'), valueType).exactOptional(),
  retry: z
    .strictObject({
      maxAttempts: z.int().min(1),
      intervalSeconds: seconds.exactOptional(),
      backoffCoefficient: z.number().min(1).exactOptional(),
      maxIntervalSeconds: seconds.exactOptional(),
    })
    .exactOptional(),
  timeoutSeconds: seconds.exactOptional(),
  semaphore: z.strictObject({ name: stageName, limit: z.int().min(1) }).exactOptional(),
});

const spec = z.strictObject({
  description: z.string().exactOptional(),
  parameters: z
    .record(
      formatted('identifier'),
      z.strictObject({
        type: valueType,
        description: z.string().exactOptional(),
        default: z.unknown().exactOptional(),
      }),
    )
    .exactOptional(),
  templates: z.record(text, application).exactOptional(),
  stages: z.array(stage).min(1),
  failurePolicy: z.enum(Object.values(FailurePolicy)).exactOptional(),
  maxConcurrentStages: z.int().min(1).max(1000).exactOptional(),
  timeoutSeconds: seconds.exactOptional(),
  outputs: z.record(formatted('identifier'), z.strictObject({ type: valueType, value: z.unknown() })).exactOptional(),
});

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
