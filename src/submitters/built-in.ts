import { BatchSubmitter } from './batch/batch-submitter.ts';
import type { SparkApplicationSubmitter } from './contract.ts';
import { IsolatedSubmitter } from './isolated/isolated-submitter.ts';
import { NativeSubmitter } from './native/native-submitter.ts';
import { SparkSubmitJobSubmitter } from './spark-submit-job/spark-submit-job-submitter.ts';
import { SparkSubmitSubmitter } from './spark-submit/spark-submit-submitter.ts';

const BUILT_IN: ReadonlySet<unknown> = new Set(
  [NativeSubmitter, BatchSubmitter, IsolatedSubmitter, SparkSubmitSubmitter, SparkSubmitJobSubmitter].map(
    ({ prototype }) => prototype,
  ),
);

/** Whether it is one of ours, and not one that is derived from it. */
export function isBuiltIn(submitter: SparkApplicationSubmitter): boolean {
  return BUILT_IN.has(Object.getPrototypeOf(submitter));
}
