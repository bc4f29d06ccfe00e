import type { FailureCause, FinalOutcome } from '../../protocol/index.ts';

/** Characters of a cause that no log named. */
const LIMIT = 500;

/** Why an attempt failed: its driver's own cause, or else what Kubernetes, the submitter or a deadline reported. */
export function causeOf({ failure, exitCode, reason, message }: Partial<FinalOutcome>): FailureCause {
  if (failure !== undefined) return failure;
  const facts = [exitCode === undefined ? undefined : `exit code ${exitCode}`, reason, message?.split('\n', 1)[0]];
  return { cause: shortened(facts.filter(Boolean).join(', '), LIMIT), frames: [] };
}

/** Empty where the limit leaves nothing to read. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return limit < 2 ? '' : `${text.slice(0, limit - 1)}…`;
}
