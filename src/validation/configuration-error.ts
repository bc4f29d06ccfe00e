import type { ManifestProblem } from './problem.ts';
import { formatProblems } from './problems.ts';

/** A configuration that cannot be used, with everything that is wrong with it. Not retryable. */
export abstract class ConfigurationError extends Error {
  abstract readonly type: string;
  readonly retryable = false;
  readonly problems: readonly ManifestProblem[];

  /** @param what begins the message: `The tenancy configuration` */
  protected constructor(what: string, problems: readonly ManifestProblem[]) {
    super(`${what} is not valid:\n${formatProblems(problems)}`);
    this.problems = problems;
  }
}
