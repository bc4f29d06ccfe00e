import * as z from 'zod';
import { ConfigurationError } from '../../validation/configuration-error.ts';
import { formatted } from '../../validation/formats.ts';
import type { ManifestProblem } from '../../validation/problem.ts';
import { ConfigurationFormat } from '../../validation/configuration-file.ts';
import { canarySchema } from './canary.ts';
import { shadowSchema } from './shadow.ts';
import { target } from './share.ts';

const name = formatted('dns-1123-label');

const rule = z.strictObject({
  ...target,
  submitter: name.describe('The submitter.'),
});

const module_ = z.strictObject({
  name: name.describe('Name of the submitter; must equal the name in the module.'),
  module: z.string().min(1).describe('Module that exports `submitter`; a relative path starts at this file.'),
});

/** A configuration of submitters, as written. */
export const submittersSchema = z
  .strictObject({
    default: name
      .exactOptional()
      .describe('Submitter where neither the application nor a rule names one. Default: native.'),
    rules: z.array(rule).exactOptional().describe('The first that fits decides.'),
    canary: z
      .array(canarySchema)
      .exactOptional()
      .describe('Submitters on trial for a share of the applications: the first that fits.'),
    shadow: z
      .array(shadowSchema)
      .exactOptional()
      .describe('Submitters whose objects are compared with those created: the first that fits.'),
    isolated: z
      .strictObject({
        rights: z
          .enum(['impersonation', 'token'])
          .exactOptional()
          .describe('How a worker gets the rights of a service account. Default: impersonation.'),
      })
      .exactOptional()
      .describe('Settings of the submitter isolated.'),
    sparkSubmit: z
      .strictObject({
        home: z.string().min(1).describe('Directory of a Spark that can submit; a relative path starts at this file.'),
        maxConcurrent: z
          .int()
          .positive()
          .exactOptional()
          .describe(
            'How many JVMs may run at once. Default: as many as fit into half of the memory that is available.',
          ),
        memoryPerJvmMiB: z.int().positive().exactOptional().describe('Memory of one JVM. Default: 512.'),
        env: z
          .array(z.string().min(1))
          .exactOptional()
          .describe(
            "Variables of the worker's environment that spark-submit inherits. Default: PATH and JAVA_HOME only.",
          ),
      })
      .exactOptional()
      .describe('Settings of the submitter spark-submit, which needs them.'),
    sparkSubmitJob: z
      .strictObject({
        image: z
          .string()
          .min(1)
          .describe(
            "Image of temporal-spark, usually that of the workers: it runs next to the container of Spark's client.",
          ),
        timeoutSeconds: z
          .int()
          .positive()
          .exactOptional()
          .describe('Time limit of a submission, including image pulls. Default: 240.'),
      })
      .exactOptional()
      .describe('Settings of the submitter spark-submit-job, which needs them; its rights are those of isolated.'),
    batch: z
      .strictObject({
        windowMs: z
          .int()
          .nonnegative()
          .exactOptional()
          .describe('How long the first submission of a window waits for others, in milliseconds. Default: 50.'),
        windowSize: z
          .int()
          .positive()
          .exactOptional()
          .describe('Submissions in a window; a full window is submitted at once. Default: 100.'),
        maxConcurrent: z
          .int()
          .positive()
          .exactOptional()
          .describe('Applications that a worker creates at once on one cluster. Default: 32.'),
        maxWritesPerSecond: z
          .int()
          .positive()
          .exactOptional()
          .describe(
            'Maximum writes per second of a worker to one cluster; the actual rate adapts to the response times. Default: 1000.',
          ),
      })
      .exactOptional()
      .describe('Settings of the submitter batch.'),
    modules: z.array(module_).exactOptional().describe('Submitters of your own.'),
  })
  .describe('Which submitter an application gets.');

export type SubmittersConfiguration = z.output<typeof submittersSchema>;

/** A configuration of submitters is not valid; has all its problems. Not retryable. */
export class SubmittersConfigurationError extends ConfigurationError {
  override readonly name = 'SubmittersConfigurationError';
  readonly type = 'InvalidSubmittersConfiguration';

  constructor(problems: readonly ManifestProblem[]) {
    super('The configuration of submitters', problems);
  }
}

const format = new ConfigurationFormat({
  name: 'configuration of submitters',
  schema: submittersSchema,
  error: SubmittersConfigurationError,
});

/**
 * Reads a configuration of submitters from YAML or JSON.
 *
 * @throws SubmittersConfigurationError with every problem, its path, value, line and remedy
 */
export const readSubmitters = (text: string, fileName?: string): SubmittersConfiguration => format.read(text, fileName);

/** @throws SubmittersConfigurationError */
export const parseSubmitters = (written: unknown): SubmittersConfiguration => format.parse(written);
