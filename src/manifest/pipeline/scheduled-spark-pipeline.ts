import * as z from 'zod';
import type { ManifestMetadata } from '../manifest-types.ts';
import { checkedMetadata, metadata, type Metadata } from '../metadata.ts';
import { OverlapPolicy } from '../overlap-policy.ts';
import { checkMetadata, checkSchedule, report } from '../spec-rules.ts';
import { asRecord, isRecord } from '../../validation/unknown-data.ts';
import { checkSized } from './check.ts';
import { checkParametersGiven } from './check-parameters.ts';
import { ExpressionTypes } from './expression.ts';
import { sparkPipelineSpec } from './spark-pipeline.ts';
import { PIPELINE_API_VERSION, type SparkPipelineSpec } from './types.ts';
import { LONGEST_SECONDS } from '../../validation/lengths.ts';
import { int32, int64 } from '../../validation/whole-number.ts';

const seconds = int64({ minimum: 0, maximum: LONGEST_SECONDS });
const limit = int32({ minimum: 0 }).exactOptional();

/** `ScheduledSparkPipeline`: runs of a pipeline by the clock. */
export const scheduledSparkPipelineSchema: z.ZodType<ScheduledSparkPipeline> = z
  .strictObject({
    apiVersion: z.literal(PIPELINE_API_VERSION),
    kind: z.literal('ScheduledSparkPipeline'),
    metadata,
    spec: z.strictObject({
      schedule: z.string().min(1).describe('Cron expression with five fields, a word such as @daily, or @every 30m.'),
      timeZone: z.string().min(1).exactOptional().describe('IANA name of a time zone. Default: UTC.'),
      suspend: z.boolean().exactOptional().describe('Start no runs. Default: false.'),
      overlap: z
        .enum(Object.values(OverlapPolicy))
        .exactOptional()
        .describe('What to do when a run is due while another runs. Default: Skip.'),
      catchUpSeconds: z
        .int()
        .min(10)
        .max(LONGEST_SECONDS)
        .exactOptional()
        .describe(
          'Seconds that a run may be late that was missed while Temporal was down, at most a year. Default: 3600.',
        ),
      jitterSeconds: seconds
        .exactOptional()
        .describe('Longest random delay of each start, in seconds, at most a year. Default: 0.'),
      pauseOnFailure: z.boolean().exactOptional().describe('Start no more runs after one failed. Default: false.'),
      successfulRunHistoryLimit: limit.describe(
        'Number of successful runs of each stage whose drivers are kept. Default: all.',
      ),
      failedRunHistoryLimit: limit.describe(
        'Number of failed runs of each stage whose drivers are kept. Default: all.',
      ),
      parameters: z.record(z.string(), z.unknown()).exactOptional().describe('Parameters of each run.'),
      template: sparkPipelineSpec.describe('The pipeline to run.'),
    }),
    status: z.unknown().exactOptional(),
  })
  .superRefine(
    (manifest, context) => {
      const { metadata, spec } = asRecord(manifest);
      const { template, ...schedule } = asRecord(spec);
      report(context, [
        ...checkMetadata(metadata),
        ...checkSchedule(schedule),
        ...(isRecord(template)
          ? [
              ...checkSized(template, ['spec', 'template']),
              ...checkParametersGiven(template, schedule['parameters'], ['spec', 'parameters'], {
                types: ExpressionTypes.of({}),
                stages: [],
              }),
            ]
          : []),
      ]);
    },
    { when: () => true },
  )
  .transform(({ apiVersion, kind, metadata, spec }): ScheduledSparkPipeline => ({
    apiVersion,
    kind,
    metadata: checkedMetadata(metadata),
    spec,
  }));

/** A schedule of a pipeline as written. */
export interface ScheduledSparkPipelineManifest {
  /** `temporal-spark/v1alpha1`. */
  apiVersion: typeof PIPELINE_API_VERSION;
  /** `ScheduledSparkPipeline`. */
  kind: 'ScheduledSparkPipeline';
  /** Its name, or the beginning of one, and the namespace of the applications that name none. */
  metadata: ManifestMetadata;
  /** What to run, and when. */
  spec: {
    /** Cron expression with five fields, a word such as `@daily`, or `@every 30m`. */
    schedule: string;
    /** IANA name. @default 'UTC' */
    timeZone?: string;
    /** Start no runs. @default false */
    suspend?: boolean;
    /** What to do when a run is due while another runs. @default 'Skip' */
    overlap?: OverlapPolicy;
    /** How late a run may start that was missed while Temporal was down. @default 3600 */
    catchUpSeconds?: number;
    /** Longest random delay of each start. @default 0 */
    jitterSeconds?: number;
    /** Start no more runs after one has failed. @default false */
    pauseOnFailure?: boolean;
    /** Number of successful runs of each stage whose driver pods are kept. @default all */
    successfulRunHistoryLimit?: number;
    /** Number of failed runs of each stage whose driver pods are kept. @default all */
    failedRunHistoryLimit?: number;
    /** Parameters of each run. */
    parameters?: Readonly<Record<string, unknown>>;
    /** The pipeline to run. */
    template: SparkPipelineSpec;
  };
}

/** A checked schedule of a pipeline: named, in a namespace. Plain JSON. */
export interface ScheduledSparkPipeline extends ScheduledSparkPipelineManifest {
  metadata: Metadata;
}
