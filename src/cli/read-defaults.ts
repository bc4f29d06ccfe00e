import { readFileSync } from 'node:fs';
import { readDefaults, refuseWithoutImage, ruleAt, TeamDefaults, withDefaults } from '../defaults/index.ts';
import { ManifestError, type SparkApplication } from '../manifest/index.ts';
import { SubmissionRefused } from '../spark/index.ts';
import { present } from '../validation/present.ts';
import type { FoundProblem } from '../validation/problem.ts';
import { CliError, ExitCode } from './exit-code.ts';

/** @throws CliError where it cannot be read, DefaultsConfigurationError */
export function readDefaultsFile(file: string): TeamDefaults {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(ExitCode.BadInput, `Cannot read the defaults ${file}: ${(error as Error).message}`, error);
  }
  return new TeamDefaults(readDefaults(text, file), file);
}

/** An application as an attempt of a worker with defaults would have it, or why it would refuse it. */
export type Completed =
  | {
      readonly whole: SparkApplication;
      /** Names the rule in each problem of a value that a rule set. */
      readonly withRules: (problems: readonly FoundProblem[]) => readonly FoundProblem[];
    }
  | { readonly problems: readonly FoundProblem[] };

/** Completes an application with defaults. */
export function completed(application: SparkApplication, defaults: TeamDefaults): Completed {
  const decided = defaults.decide(application);
  const ruleOf = (path: FoundProblem['path']): string => {
    const rule = ruleAt(decided, path);
    return rule === undefined ? '' : ` (set by rule "${rule}" of the defaults)`;
  };
  const withRules = (problems: readonly FoundProblem[]): readonly FoundProblem[] =>
    problems.map((problem) => ({ ...problem, message: problem.message + ruleOf(problem.path) }));
  try {
    const whole = withDefaults(application, decided);
    refuseWithoutImage(whole, defaults);
    return { whole, withRules };
  } catch (error) {
    if (error instanceof SubmissionRefused) {
      const { problem: message, remedy } = error;
      return { problems: [{ path: ['spec', 'image'], code: 'refused', message, remedy }] };
    }
    if (!(error instanceof ManifestError)) throw error;
    const found = error.problems.map(({ path, message, remedy, allowed }): FoundProblem => {
      return { path, code: 'refused', message, ...present({ remedy, allowed }) };
    });
    return { problems: withRules(found) };
  }
}
