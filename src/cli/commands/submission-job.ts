import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ExitCode } from '../exit-code.ts';
import type { CommandContext } from '../flags.ts';

interface SubmissionJobFlags {
  readonly request: string;
  readonly directory: string;
  readonly result: string;
}

/** Hidden: only the Jobs of the submitter spark-submit-job run it. */
export function declareSubmissionJob(program: Command, { end }: CommandContext): void {
  program
    .command('submission-job', { hidden: true })
    .description('Make one submission, in the pod of a Job of the submitter spark-submit-job')
    .requiredOption('--request <file>', 'Submission request')
    .requiredOption('--directory <directory>', "Empty directory, shared with the container of Spark's client")
    .option('--result <file>', 'File for the outcome', '/dev/termination-log')
    .action(async (flags: SubmissionJobFlags) => end(await submissionJob(flags)));
}

/** Ok where the driver exists. The outcome, failures included, is in the result file, from which the worker reads it. */
async function submissionJob({ request, directory, result }: SubmissionJobFlags): Promise<ExitCode> {
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort(new Error('The pod received SIGTERM.')));
  const { connectKubernetes } = await import('../../kubernetes/index.ts');
  const { runSubmissionJob, writeOutcome } = await import('../../submitters/index.ts');
  const kubernetes = await connectKubernetes();
  try {
    const outcome = await runSubmissionJob({ requestFile: request, directory, kubernetes, signal: stop.signal });
    await writeFile(result, writeOutcome(outcome));
    return 'created' in outcome ? ExitCode.Ok : ExitCode.Failed;
  } finally {
    kubernetes.close();
  }
}
