import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { parseSparkApplication } from '../../../manifest/index.ts';
import {
  toSparkApplication,
  type FromCommandLineOptions,
  type SparkSubmitCommandLine,
  type SparkSubmitFiles,
} from '../../../spark/spark-submit-cli/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { renderedObjects } from '../../output/rendered-objects.ts';
import type { StartOptions } from '../run/start-flags.ts';
import { printObjects } from '../render.ts';
import { start } from '../run/run.ts';

export interface SparkSubmitOptions extends Omit<StartOptions, 'follow' | 'output'>, FromCommandLineOptions {
  readonly dryRun?: boolean;
  /** @default text, or yaml for a dry run */
  readonly output?: 'text' | 'json' | 'yaml';
  readonly verbose?: boolean;
}

/**
 * Starts what spark-submit would submit, and waits for its end where spark-submit would; with `dryRun`, only prints the
 * objects.
 */
export async function sparkSubmit(
  commandLine: SparkSubmitCommandLine,
  { dryRun = false, output = dryRun ? 'yaml' : 'text', verbose = false, ...options }: SparkSubmitOptions,
): Promise<ExitCode> {
  const { manifest, waits, notes } = toSparkApplication(commandLine, files, options);
  const application = parseSparkApplication(manifest);
  // Refuses now what could not be submitted later.
  const objects = renderedObjects(application);
  if (verbose) console.error(stringify(manifest, { lineWidth: 0 }));
  for (const note of notes) console.error(`Note: ${note}`);
  if (dryRun) {
    if (output === 'json') console.log(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    else printObjects(objects);
    return ExitCode.Ok;
  }
  if (output === 'yaml') throw new CliError(ExitCode.BadInput, '--output yaml prints objects: add --dry-run.');
  return start([application], { ...options, output, follow: waits });
}

const files: SparkSubmitFiles = { read, readDefaults: () => read(defaultsFile()) };

function read(path: string): string {
  try {
    return readFileSync(
      path.startsWith('file:') ? fileURLToPath(path.replace(/^file:(?=\/[^/])/, 'file://')) : path,
      'utf8',
    );
  } catch (error) {
    throw new CliError(ExitCode.BadInput, `${path} can't be read: ${(error as Error).message}.`, error);
  }
}

function defaultsFile(): string {
  const { SPARK_CONF_DIR: directory, SPARK_HOME: home } = process.env;
  const conf = directory ?? (home === undefined ? undefined : join(home, 'conf'));
  const file = conf === undefined ? undefined : join(conf, 'spark-defaults.conf');
  if (file !== undefined && existsSync(file)) return file;
  throw new CliError(
    ExitCode.BadInput,
    `--load-spark-defaults: ${file === undefined ? 'neither SPARK_CONF_DIR nor SPARK_HOME is set' : `there is no ${file}`}. Point SPARK_CONF_DIR to the directory of spark-defaults.conf.`,
  );
}
