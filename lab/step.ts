import type { LabProgress } from './contract.ts';

export interface StepOptions {
  readonly onProgress?: ((progress: LabProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Does the work and reports its begin, its end and how long it took. */
export async function runStep<T>(
  step: string,
  work: () => Promise<T>,
  { onProgress, signal }: StepOptions,
): Promise<T> {
  signal?.throwIfAborted();
  const begun = Date.now();
  const report = (status: LabProgress['status'], detail?: string): void =>
    onProgress?.({ step, status, elapsedMs: Date.now() - begun, ...(detail === undefined ? {} : { detail }) });
  report('started');
  try {
    const result = await work();
    report('done');
    return result;
  } catch (error) {
    // What fails because it is being stopped has no other reason.
    report('failed', signal?.aborted === true ? undefined : (error as Error).message);
    throw error;
  }
}
