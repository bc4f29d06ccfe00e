import * as z from 'zod';
import type { CreatedDriver } from '../contract.ts';

/** Result of a submission in a Job. Plain JSON: it is passed in the termination message of a container. */
export type SubmissionOutcome = { readonly created: CreatedDriver } | { readonly failed: SubmissionFailure };

/** The error of a submission, without its class. */
export interface SubmissionFailure {
  readonly type: string;
  readonly retryable: boolean;
  readonly message: string;
}

/** As much as Kubernetes keeps of a termination message, in bytes. */
const MESSAGE_LIMIT = 4_096;

const created = z.strictObject({
  driverPodName: z.string(),
  driverPodUid: z.string(),
  sparkApplicationId: z.string(),
  adopted: z.boolean(),
});
const failed = z.strictObject({ type: z.string().min(1), retryable: z.boolean(), message: z.string() });
const outcome = z.union([z.strictObject({ created }), z.strictObject({ failed })]);

/** As a termination message; of what is too long for one, the message loses its end. */
export function writeOutcome(given: SubmissionOutcome): string {
  const text = JSON.stringify(given);
  const over = Buffer.byteLength(text) - MESSAGE_LIMIT;
  if (over <= 0 || !('failed' in given)) return text;
  const { message } = given.failed;
  return writeOutcome({ failed: { ...given.failed, message: message.slice(0, -Math.ceil(over / 6) - 1) } });
}

/** Undefined where the text is not an outcome: any user of its namespace may have tampered with the pod. */
export function readOutcome(text: string | undefined): SubmissionOutcome | undefined {
  try {
    return outcome.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}
