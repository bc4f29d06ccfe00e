import type { Trial } from './trial.ts';

/** One rule that every submitter must follow. */
export interface Claim {
  /** Completes "the submitter ...", as the name of a test does. */
  readonly name: string;
  /** @throws ConformanceViolation where the submitter breaks the rule */
  readonly check: (trial: Trial) => Promise<void>;
}
