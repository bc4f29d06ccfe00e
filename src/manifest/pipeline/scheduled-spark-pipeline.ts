import * as z from 'zod';
import { checkedMetadata, metadata, type Metadata } from '../metadata.ts';
import { OverlapPolicy } from '../overlap-policy.ts';
import { checkMetadata, checkSchedule, report } from '../rules.ts';
import { asRecord, isRecord } from '../unknown-data.ts';
import { checkParametersGiven, checkSpec } from './check.ts';
import { ExpressionTypes } from './expression.ts';
import { sparkPipelineSpec } from './spark-pipeline.ts';
import { PIPELINE_API_VERSION, type SparkPipelineSpec } from './types.ts';

const seconds = z.int().min(0);

/** `ScheduledSparkPipeline`: runs of a pipeline by the clock. */
export const scheduledSparkPipelineSchema: z.ZodType<ScheduledSparkPipeline> = z
  .strictObject({
    apiVersion: z.literal(PIPELINE_API_VERSION),
    kind: z.literal('ScheduledSparkPipeline'),
    metadata,
    spec: z.strictObject({
      schedule: z.string().min(1),
      timeZone: z.string().min(1).exactOptional(),
      suspend: z.boolean().exactOptional(),
      overlap: z.enum(Object.values(OverlapPolicy)).exactOptional(),
      catchUpSeconds: z.int().min(10).exactOptional(),
      jitterSeconds: seconds.exactOptional(),
      pauseOnFailure: z.boolean().exactOptional(),
      parameters: z.record(z.string(), z.unknown()).exactOptional(),
      template: sparkPipelineSpec,
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
              ...checkSpec(template, ['spec', 'template']),
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

/** A checked schedule of a pipeline. Plain JSON. */
export interface ScheduledSparkPipeline {
  apiVersion: typeof PIPELINE_API_VERSION;
  kind: 'ScheduledSparkPipeline';
  metadata: Metadata;
  spec: {
    /** Cron expression with five fields, a word such as `@daily`, or `@every 30m`. */
    schedule: string;
    /** IANA name. @default 'UTC' */
    timeZone?: string;
    /** Start no runs. @default false */
    suspend?: boolean;
    /** @default 'Skip' */
    overlap?: OverlapPolicy;
    /** How old a run may be that was missed while Temporal was down, to be started after all. @default 3600 */
    catchUpSeconds?: number;
    /** Each start is put off by a random time up to this. @default 0 */
    jitterSeconds?: number;
    /** Start no more runs after one has failed. @default false */
    pauseOnFailure?: boolean;
    /** Parameters of each run. */
    parameters?: Readonly<Record<string, unknown>>;
    template: SparkPipelineSpec;
  };
}
