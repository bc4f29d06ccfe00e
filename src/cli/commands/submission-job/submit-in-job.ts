import { writeFile } from 'node:fs/promises';
import { connectKubernetes } from '../../../kubernetes/index.ts';
import { runSubmissionJob, writeOutcome } from '../../../submitters/index.ts';

export interface SubmissionJobFiles {
  /** What is to be submitted. */
  readonly requestFile: string;
  /** Shared with the container of Spark's client; empty. */
  readonly directory: string;
  /** Where to say how it ended: what Kubernetes shows as the container's termination message. */
  readonly resultFile: string;
}

/**
 * One submission, in the pod of a Job of the submitter spark-submit-job. Resolves with whether there is a driver now.
 * Whatever fails is said in the result file, from which the worker reads it.
 */
export async function submitInJob(files: SubmissionJobFiles, signal: AbortSignal): Promise<boolean> {
  const kubernetes = await connectKubernetes();
  try {
    const outcome = await runSubmissionJob({ ...files, kubernetes, signal });
    await writeFile(files.resultFile, writeOutcome(outcome));
    return 'created' in outcome;
  } finally {
    kubernetes.close();
  }
}
