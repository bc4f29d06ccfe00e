import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { nameSuffix } from '../client/name-suffix.ts';
import {
  formatProblems,
  parseManifests,
  type SparkManifest,
  type ScheduledSparkApplication,
  type ScheduledSparkPipeline,
  type SparkApplication,
  type SparkPipeline,
} from '../manifest/index.ts';
import { findRefusals } from '../spark/index.ts';
import { CliError, ExitCode } from './exit-code.ts';
import { present } from '../validation/present.ts';

interface ReadOptions {
  readonly prune?: boolean;
  readonly skip?: (document: unknown) => boolean;
  /** Accept what only some submitters support, also where the application does not choose a submitter. @default true */
  readonly anySubmitter?: boolean;
}

/** Every document of a file; `-` is standard input. @throws ManifestError, CliError */
export async function readManifests(
  file: string,
  { anySubmitter = true, ...options }: ReadOptions = {},
): Promise<SparkManifest[]> {
  const fileName = file === '-' ? '<stdin>' : file;
  return parseManifests(file === '-' ? await text(process.stdin) : readFile(file), {
    fileName,
    refusals: (application) => findRefusals(application, { anySubmitter }),
    nameSuffix,
    onNote: (note) => console.error(`Note: ${formatProblems([note])}`),
    readFile: (path, from) => {
      const named = resolve(from === undefined || from === '<stdin>' ? '.' : dirname(from), path);
      return { text: readFile(named), file: named };
    },
    ...present({ prune: options.prune, skip: options.skip }),
  });
}

/** The schedules of a file. @throws CliError for any other kind */
export async function readSchedules(file: string): Promise<(ScheduledSparkApplication | ScheduledSparkPipeline)[]> {
  return (await readManifests(file)).map((manifest) => {
    if (manifest.kind === 'ScheduledSparkApplication' || manifest.kind === 'ScheduledSparkPipeline') return manifest;
    throw new CliError(
      ExitCode.BadInput,
      `${file}: ${manifest.kind} ${manifest.metadata.name} is not a schedule; to run it: temporal-spark run ${file}`,
    );
  });
}

/** The applications and pipelines of a file. @throws CliError for any other kind */
export async function readRunnables(
  file: string,
  options: { readonly prune?: boolean } = {},
): Promise<{ readonly applications: SparkApplication[]; readonly pipelines: SparkPipeline[] }> {
  const applications: SparkApplication[] = [];
  const pipelines: SparkPipeline[] = [];
  for (const manifest of await readManifests(file, options)) {
    switch (manifest.kind) {
      case 'SparkApplication':
        applications.push(manifest);
        break;
      case 'SparkPipeline':
        pipelines.push(manifest);
        break;
      case 'ScheduledSparkApplication':
      case 'ScheduledSparkPipeline':
        throw new CliError(
          ExitCode.BadInput,
          `${file}: ${manifest.kind} ${manifest.metadata.name} is a schedule; to create it: temporal-spark schedule create ${file}`,
        );
      default:
        manifest satisfies never;
    }
  }
  return { applications, pipelines };
}

/** The applications of a file. @throws CliError for any other kind */
export async function readApplications(
  file: string,
  options: { readonly prune?: boolean } = {},
): Promise<SparkApplication[]> {
  const manifests = await readManifests(file, options);
  return manifests.map((manifest) => {
    if (manifest.kind === 'SparkApplication') return manifest;
    throw new CliError(
      ExitCode.BadInput,
      `${file}: ${manifest.kind} ${manifest.metadata.name} is not a SparkApplication.`,
    );
  });
}

function readFile(file: string): string {
  try {
    if (statSync(file).isDirectory()) {
      throw new CliError(ExitCode.BadInput, `${file} is a directory; name a manifest in it.`);
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'permission denied' : String(error);
    throw new CliError(ExitCode.BadInput, `Cannot read ${file}: ${why}.`, error);
  }
}
