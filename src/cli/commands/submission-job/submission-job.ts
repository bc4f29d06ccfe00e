import { submitInJob } from './submit-in-job.ts';
import { ExitCode } from '../../exit-code.ts';

export interface SubmissionJobOptions {
  readonly request: string;
  readonly directory: string;
  readonly result: string;
}

export async function submissionJob({ request, directory, result }: SubmissionJobOptions): Promise<ExitCode> {
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort(new Error('The pod was told to stop.')));
  const files = { requestFile: request, directory, resultFile: result };
  return (await submitInJob(files, stop.signal)) ? ExitCode.Ok : ExitCode.Failed;
}
