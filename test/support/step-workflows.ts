/** The workflows of a worker that runs pipelines, and a user's own as the tests have them. */
import { ApplicationFailure, condition, defineSignal, isCancellation, setHandler, sleep } from '@temporalio/workflow';

export * from '../../src/workflows/index.ts';

export interface StepInput {
  /** @default 0 */
  readonly ms?: number;
  readonly fail?: string;
  readonly result?: Record<string, unknown>;
  /** Goes on when told to. */
  readonly hold?: boolean;
}

export const goSignal = defineSignal('go');

/** Waits, then fails or returns as told. */
export async function step({ ms = 0, fail, result, hold = false }: StepInput = {}): Promise<unknown> {
  let go = !hold;
  setHandler(goSignal, () => void (go = true));
  try {
    if (ms > 0) await sleep(ms);
    await condition(() => go);
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
  if (fail !== undefined) throw ApplicationFailure.nonRetryable(fail, 'StepFailed');
  return result;
}
