import { readFileSync } from 'node:fs';
import { explaining, readDefaults, refuseWithoutImage, TeamDefaults, withDefaults } from '../defaults/index.ts';
import { ManifestError, type SparkApplication } from '../manifest/index.ts';
import { SubmissionRefused } from '../spark/index.ts';
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

/** An application as an attempt of a worker with these defaults would have it, or why it would refuse it. */
export function completed(
  application: SparkApplication,
  defaults: TeamDefaults,
): { readonly whole: SparkApplication } | { readonly problems: readonly FoundProblem[] } {
  const decided = defaults.decide(application);
  try {
    return explaining(decided, () => {
      const whole = withDefaults(application, decided);
      refuseWithoutImage(whole, defaults);
      return { whole };
    });
  } catch (error) {
    if (error instanceof SubmissionRefused) {
      const { problem: message, remedy } = error;
      return { problems: [{ path: ['spec', 'image'], code: 'refused', message, remedy }] };
    }
    if (!(error instanceof ManifestError)) throw error;
    const rules = (path: FoundProblem['path']) =>
      decided.filter((each) => each.path.join('\0') === path.join('\0')).map(({ rule }) => ` (by rule "${rule}")`);
    return {
      problems: error.problems.map(({ path, message, ...rest }) => ({
        ...{ path, code: 'refused', message: message + rules(path).join('') },
        ...('remedy' in rest ? { remedy: rest.remedy! } : {}),
      })),
    };
  }
}
