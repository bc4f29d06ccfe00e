import { resolve } from 'node:path';
import {
  BatchSubmitter,
  IsolatedSubmitter,
  NativeSubmitter,
  SparkSubmitSubmitter,
  Submitters,
  type SparkApplicationSubmitter,
} from '../submitters/index.ts';
import { hasSpark, watchSubmitters } from '../worker/submitters-file.ts';

export interface SubmittersToCompareOptions {
  /** Submitters file, which adds to the built-in submitters. @default none */
  readonly submittersFile?: string;
  /** Home of the Spark that `spark-submit` runs; ignored where there is a submitters file, which sets it. @default none */
  readonly sparkHome?: string;
}

/** The comparison is not possible: a submitter is unknown, cannot run, or cannot render. */
export class ComparisonError extends Error {
  override readonly name = 'ComparisonError';
  readonly type = 'ComparisonImpossible';
  readonly retryable = false;
}

export interface SubmittersToCompare {
  /** @throws ComparisonError with the known names */
  get(name: string): SparkApplicationSubmitter;
}

/**
 * The submitters that a worker with this configuration has, without a worker.
 *
 * @throws SubmittersConfigurationError with every problem of the file
 * @throws ComparisonError where `sparkHome` has no spark-submit
 */
export async function submittersToCompare(options: SubmittersToCompareOptions): Promise<SubmittersToCompare> {
  const submitters = await submittersOf(options);
  return {
    get(name) {
      const submitter = submitters.named(name);
      if (submitter !== undefined) return submitter;
      throw new ComparisonError(
        `Unknown submitter "${name}"; known: ${submitters.names.join(', ')}. ${
          name === 'spark-submit'
            ? 'Set --spark-home or SPARK_HOME, or sparkSubmit in the submitters file.'
            : 'Add your own with --submitters-file.'
        }`,
      );
    },
  };
}

async function submittersOf({ submittersFile, sparkHome }: SubmittersToCompareOptions): Promise<Submitters> {
  if (submittersFile !== undefined) {
    const watched = await watchSubmitters(submittersFile);
    watched.close();
    return watched.submitters;
  }
  const builtIn = [new NativeSubmitter(), new BatchSubmitter(), new IsolatedSubmitter()];
  if (sparkHome === undefined) return new Submitters(builtIn);
  const home = resolve(sparkHome);
  if (!hasSpark(home)) {
    throw new ComparisonError(`${sparkHome} is not a Spark home: ${home}/bin/spark-submit does not exist.`);
  }
  return new Submitters([...builtIn, new SparkSubmitSubmitter({ home })]);
}
