import type { Claim } from './conformance/claim.ts';
import { CREATION } from './conformance/creation.ts';
import { INTERRUPTION } from './conformance/interruption.ts';
import type { ConformanceOptions } from './conformance/options.ts';
import { REFUSAL } from './conformance/refusal.ts';
import { RENDERING } from './conformance/rendering.ts';
import { REPETITION } from './conformance/repetition.ts';
import { SECRECY } from './conformance/secrecy.ts';
import { Trial } from './conformance/trial.ts';

/** One rule that every submitter must follow. */
export interface ConformanceCheck {
  /** A name for a test. */
  readonly name: string;
  /** @throws ConformanceViolation that states what was expected and what happened */
  run(): Promise<void>;
}

const CLAIMS: readonly Claim[] = [...CREATION, ...REPETITION, ...INTERRUPTION, ...REFUSAL, ...RENDERING, ...SECRECY];

/**
 * The checks of the submitter contract, for any test runner:
 *
 *     for (const check of submitterConformance({ submitter: () => new MySubmitter(), kubernetes, namespace })) {
 *       test(check.name, () => check.run());
 *     }
 */
export function submitterConformance(options: ConformanceOptions): readonly ConformanceCheck[] {
  const trial = new Trial(options);
  return CLAIMS.map(({ name, check }) => ({
    name,
    run: () => check(trial).finally(() => trial.cleanUp()),
  }));
}
