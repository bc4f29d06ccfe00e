import * as z from 'zod';
import { formatted } from '../../validation/formats.ts';
import type { ManifestProblem } from '../../validation/problem.ts';
import { formatProblems } from '../../validation/problems.ts';
import {
  checkConfiguration,
  placedNowhere,
  readConfiguration,
  type PlaceProblem,
} from '../../validation/configuration-file.ts';
import { canarySchema } from './canary.ts';
import { shadowSchema } from './shadow.ts';
import { target } from './share.ts';

const name = formatted('dns-1123-label');

const rule = z.strictObject({
  ...target,
  submitter: name.describe('Who submits.'),
});

const module_ = z.strictObject({
  name: name.describe('Name of the submitter; the one the module gives it has to be the same.'),
  module: z.string().min(1).describe('Module that exports `submitter`; a relative path starts at this file.'),
});

/** What a configuration of submitters may say, as written. */
export const submittersSchema = z
  .strictObject({
    default: name
      .exactOptional()
      .describe('Who submits where neither the application nor a rule says. Default: native.'),
    rules: z.array(rule).exactOptional().describe('The first that fits decides.'),
    canary: z.array(canarySchema).exactOptional().describe('Who is tried on a share of them: the first that fits.'),
    shadow: z.array(shadowSchema).exactOptional().describe('Who is compared with who submits: the first that fits.'),
    isolated: z
      .strictObject({
        rights: z
          .enum(['impersonation', 'token'])
          .exactOptional()
          .describe('How a worker comes by the rights of a service account. Default: impersonation.'),
      })
      .exactOptional()
      .describe('Of the submitter isolated.'),
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
        memoryPerJvmMiB: z.int().positive().exactOptional().describe('What one takes. Default: 512.'),
        env: z
          .array(z.string().min(1))
          .exactOptional()
          .describe("Variables of the worker's environment that it gets. Default: PATH and JAVA_HOME only."),
      })
      .exactOptional()
      .describe('Of the submitter spark-submit, which there is where this is given.'),
    sparkSubmitJob: z
      .strictObject({
        image: z
          .string()
          .min(1)
          .describe("Image of temporal-spark, for the container beside that of Spark's client: that of the workers."),
        timeoutSeconds: z
          .int()
          .positive()
          .exactOptional()
          .describe('How long a submission may take, with the pull of images. Default: 240.'),
      })
      .exactOptional()
      .describe(
        'Of the submitter spark-submit-job, which there is where this is given; its rights are those of isolated.',
      ),
    batch: z
      .strictObject({
        windowMs: z
          .int()
          .nonnegative()
          .exactOptional()
          .describe('How long the first of a window waits for others, in milliseconds. Default: 50.'),
        windowSize: z.int().positive().exactOptional().describe('A window of so many waits no longer. Default: 100.'),
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
            'The most writes a second of a worker to one cluster; it learns from the answers how many that takes. Default: 1000.',
          ),
      })
      .exactOptional()
      .describe('Of the submitter batch.'),
    modules: z.array(module_).exactOptional().describe('Submitters of your own.'),
  })
  .describe('Which submitter an application gets.');

export type SubmittersConfiguration = z.output<typeof submittersSchema>;

/** A configuration of submitters that can't be used, with everything that is wrong with it. Not retryable. */
export class SubmittersConfigurationError extends Error {
  override readonly name = 'SubmittersConfigurationError';
  readonly type = 'InvalidSubmittersConfiguration';
  readonly retryable = false;
  readonly problems: readonly ManifestProblem[];

  constructor(problems: readonly ManifestProblem[]) {
    super(`The configuration of submitters is not valid:\n${formatProblems(problems)}`);
    this.problems = problems;
  }
}

/**
 * Reads a configuration of submitters from YAML or JSON.
 *
 * @throws SubmittersConfigurationError with every problem, its path, value, line and remedy
 */
export function readSubmitters(text: string, fileName?: string): SubmittersConfiguration {
  return readConfiguration(text, fileName, {
    oneDocument: 'a configuration of submitters is one',
    refuse: (problems) => new SubmittersConfigurationError(problems),
    check,
  });
}

/** @throws SubmittersConfigurationError */
export function parseSubmitters(written: unknown): SubmittersConfiguration {
  return check(written, placedNowhere);
}

function check(given: unknown, placed: PlaceProblem): SubmittersConfiguration {
  const checked = checkConfiguration(submittersSchema, given);
  if ('problems' in checked) throw new SubmittersConfigurationError(checked.problems.map(placed));
  return checked.value;
}
