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
  /** Configuration that brings further submitters than the built-in ones. @default none */
  readonly submittersFile?: string;
  /** Directory of the Spark that `spark-submit` runs; the file, where there is one, says so itself. @default none */
  readonly sparkHome?: string;
}

/** The comparison can't be made: a submitter is unknown, can't be run, or can't say what it would create. */
export class ComparisonError extends Error {
  override readonly name = 'ComparisonError';
  readonly type = 'ComparisonImpossible';
  readonly retryable = false;
}

export interface SubmittersToCompare {
  /** @throws ComparisonError with the names that are known, and where others come from */
  get(name: string): SparkApplicationSubmitter;
}

/**
 * Those that a worker with this configuration would have, for who wants to compare them without one.
 *
 * @throws SubmittersConfigurationError with every problem of the file
 * @throws ComparisonError where there is no Spark in its directory
 */
export async function submittersToCompare(options: SubmittersToCompareOptions): Promise<SubmittersToCompare> {
  const submitters = await submittersOf(options);
  return {
    get(name) {
      const submitter = submitters.named(name);
      if (submitter !== undefined) return submitter;
      throw new ComparisonError(
        `There is no submitter "${name}" here. Known: ${submitters.names.join(', ')}.${
          name === 'spark-submit'
            ? ' Say where a Spark is, with --spark-home or SPARK_HOME, or in a file of submitters.'
            : ' One of your own is named in a file of submitters: --submitters-file.'
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
    throw new ComparisonError(`${sparkHome} is no directory of a Spark: there is no ${home}/bin/spark-submit.`);
  }
  return new Submitters([...builtIn, new SparkSubmitSubmitter({ home })]);
}
