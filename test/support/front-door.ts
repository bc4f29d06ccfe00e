import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { addSparkSubmitFlags, sparkSubmitCommandLine } from '../../src/cli/commands/spark-submit/flags.ts';
import { parseSparkApplication, type SparkApplication } from '../../src/manifest/index.ts';
import { toSparkApplication, type SubmittedApplication } from '../../src/spark/spark-submit-cli/index.ts';

/** A command line of spark-submit, read as the CLI reads it. */
export function readCommandLine(
  args: readonly string[],
  { sparkVersion, defaults }: { readonly sparkVersion?: string; readonly defaults?: string } = {},
): SubmittedApplication {
  const command = addSparkSubmitFlags(new Command('spark-submit')).exitOverride().parse(args, { from: 'user' });
  return toSparkApplication(
    sparkSubmitCommandLine(command),
    {
      read: (path) => readFileSync(path, 'utf8'),
      readDefaults: () => {
        if (defaults === undefined) throw new Error('the defaults were asked for');
        return defaults;
      },
    },
    sparkVersion === undefined ? {} : { sparkVersion },
  );
}

/** And the application, checked. */
export const applicationOf = (...given: Parameters<typeof readCommandLine>): SparkApplication =>
  parseSparkApplication(readCommandLine(...given).manifest);
