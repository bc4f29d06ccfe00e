import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { ManifestError, parseSparkApplication, type SparkApplication } from '../../../manifest/index.ts';
import { findRefusals, SubmissionRefused } from '../../../spark/index.ts';
import {
  toSparkApplication,
  type FromCommandLineOptions,
  type SparkSubmitCommandLine,
  type SparkSubmitFiles,
} from '../../../spark/spark-submit-cli/index.ts';
import { readProblem } from '../../../validation/read-problem.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { printObjects, renderedObjects } from '../../output/rendered-objects.ts';
import { start } from '../run/run.ts';
import type { StartFlags } from '../run/start-flags.ts';
import { inOptions } from './name-options.ts';

export interface SparkSubmitFlags extends Omit<StartFlags, 'follow' | 'output'>, FromCommandLineOptions {
  readonly dryRun?: boolean;
  /** @default text, or yaml with `dryRun` */
  readonly output?: 'text' | 'json' | 'yaml' | 'manifest';
  readonly verbose?: boolean;
}

/** Starts the application, and waits for its end where spark-submit would; with `dryRun`, only prints the objects. */
export async function sparkSubmit(
  commandLine: SparkSubmitCommandLine,
  { dryRun = false, output = dryRun ? 'yaml' : 'text', verbose = false, ...flags }: SparkSubmitFlags,
): Promise<ExitCode> {
  const { manifest, waits, notes } = toSparkApplication(commandLine, files, flags);
  const application = checked(manifest, commandLine);
  // Rejects here what could not be submitted later.
  const objects = rendered(application, commandLine);
  if (verbose) console.error(stringify(manifest, { lineWidth: 0 }));
  for (const note of notes) console.error(`Note: ${note}`);
  if (dryRun) {
    if (output === 'manifest') console.log(stringify(manifest, { lineWidth: 0 }).trimEnd());
    else if (output === 'json') console.log(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    else printObjects(objects);
    return ExitCode.Ok;
  }
  if (output === 'yaml' || output === 'manifest') {
    throw new CliError(ExitCode.BadInput, `--output ${output} prints what would be submitted; add --dry-run.`);
  }
  return start([application], { ...flags, output, follow: waits });
}

/** @throws CliError in words of the command line */
function checked(manifest: unknown, commandLine: SparkSubmitCommandLine): SparkApplication {
  try {
    return parseSparkApplication(manifest);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new CliError(ExitCode.BadInput, inOptions(error.problems, commandLine), error);
  }
}

/** @throws CliError with everything that is refused, in words of the command line */
function rendered(application: SparkApplication, commandLine: SparkSubmitCommandLine): object[] {
  try {
    return renderedObjects(application);
  } catch (error) {
    const refused = error instanceof SubmissionRefused ? findRefusals(application) : [];
    if (refused.length === 0) throw error;
    throw new CliError(ExitCode.BadInput, inOptions(refused, commandLine), error);
  }
}

const files: SparkSubmitFiles = { read, readDefaults: () => read(defaultsFile()) };

function read(path: string): string {
  try {
    return readFileSync(
      path.startsWith('file:') ? fileURLToPath(path.replace(/^file:(?=\/[^/])/, 'file://')) : path,
      'utf8',
    );
  } catch (error) {
    throw new CliError(ExitCode.BadInput, `Cannot read ${path}: ${readProblem(error)}.`, error);
  }
}

function defaultsFile(): string {
  const { SPARK_CONF_DIR: directory, SPARK_HOME: home } = process.env;
  const conf = directory ?? (home === undefined ? undefined : join(home, 'conf'));
  const file = conf === undefined ? undefined : join(conf, 'spark-defaults.conf');
  if (file !== undefined && existsSync(file)) return file;
  throw new CliError(
    ExitCode.BadInput,
    `--load-spark-defaults: ${file === undefined ? 'neither SPARK_CONF_DIR nor SPARK_HOME is set' : `${file} does not exist`}. Set SPARK_CONF_DIR to the directory of spark-defaults.conf.`,
  );
}
