import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TeamDefaults } from '../defaults/index.ts';
import { nameSuffix } from '../client/name-suffix.ts';
import {
  formatProblems,
  ManifestError,
  parseManifests,
  type SparkManifest,
  type ScheduledSparkApplication,
  type ScheduledSparkPipeline,
  type SparkApplication,
  type SparkPipeline,
} from '../manifest/index.ts';
import { findRefusals, MISSING_IMAGE } from '../spark/index.ts';
import { readProblem } from '../validation/read-problem.ts';
import type { FoundProblem, ManifestProblem } from '../validation/problem.ts';
import { CliError, ExitCode } from './exit-code.ts';
import type { MadeUpRun } from './made-up-runs.ts';
import { present } from '../validation/present.ts';

interface ReadOptions {
  readonly prune?: boolean;
  readonly skip?: (document: unknown) => boolean;
  /** Receives the objects of other kinds. @default a note that they are skipped */
  readonly onOthers?: ((objects: readonly object[]) => void) | undefined;
  /** Accept what only some submitters support, also where the application does not choose a submitter. @default true */
  readonly anySubmitter?: boolean;
  /** Check applications with these. @default a worker may set a missing image */
  readonly defaults?: TeamDefaults | undefined;
}

/** Every document of a file; `-` is standard input. @throws ManifestError, CliError */
export async function readManifests(file: string, options: ReadOptions = {}): Promise<SparkManifest[]> {
  const reader = await manifestReader(file, options);
  return reader.read({ onNote: (note) => console.error(`Note: ${note}`) });
}

/** The text of a file, to be read more than once. */
export interface ManifestReader {
  /**
   * Every document of it; the same ones each time.
   *
   * @throws ManifestError
   */
  read(calls: {
    readonly onNote?: (note: string) => void;
    /** Further problems of an application that nothing is wrong with otherwise. @default none */
    readonly judge?: (application: SparkApplication) => readonly FoundProblem[];
  }): SparkManifest[];
}

/** @throws CliError where the file cannot be read */
export async function manifestReader(
  file: string,
  { anySubmitter = true, defaults, ...options }: ReadOptions = {},
): Promise<ManifestReader> {
  const fileName = file === '-' ? '<stdin>' : file;
  const written = file === '-' ? await text(process.stdin) : readFile(file);
  const suffixes: string[] = [];
  const complete = defaults && (await import('./read-defaults.ts')).completed;
  return {
    read: ({ onNote = () => undefined, judge = () => [] }) => {
      let named = 0;
      let lacksImage = false;
      const manifests = parseManifests(written, {
        fileName,
        refusals: (application) => {
          const given = complete === undefined ? { whole: application } : complete(application, defaults!);
          if ('problems' in given) return given.problems;
          const all = findRefusals(given.whole, { anySubmitter });
          const found = all.filter(({ code }) => code !== MISSING_IMAGE);
          lacksImage ||= found.length < all.length;
          if (found.length === 0) return judge(given.whole);
          return 'withRules' in given ? given.withRules(found) : found;
        },
        nameSuffix: () => (suffixes[named++] ??= nameSuffix()),
        onNote: (note) => onNote(formatProblems([note])),
        readFile: (path, from) => {
          const found = resolve(from === undefined || from === '<stdin>' ? '.' : dirname(from), path);
          return { text: readFile(found), file: found };
        },
        ...present({ prune: options.prune, skip: options.skip, onOthers: options.onOthers }),
      });
      if (lacksImage) onNote(`${fileName}  spec.image  is missing; a default of the worker may set it`);
      return manifests;
    },
  };
}

/** What the files hold, one after the other. @throws ManifestError with the problems of all files; CliError */
export async function inEachFile<T>(
  files: readonly string[],
  read: (file: string) => Promise<readonly T[]>,
): Promise<T[]> {
  const all: T[] = [];
  const problems: ManifestProblem[] = [];
  for (const file of files) {
    try {
      all.push(...(await read(file)));
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ManifestError(problems);
  return all;
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
  options: Pick<ReadOptions, 'prune' | 'onOthers'> = {},
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
      case 'SparkConnect':
        throw new CliError(
          ExitCode.BadInput,
          `${file}: SparkConnect ${manifest.metadata.name} is served by the operator; to create it: kubectl apply -f ${file}`,
        );
      default:
        manifest satisfies never;
    }
  }
  return { applications, pipelines };
}

/** What the manifests of a file run; pipelines and schedules as a run has them. @throws ManifestError, CliError */
export async function readRuns(
  file: string,
  options: Pick<ReadOptions, 'prune' | 'defaults'> = {},
): Promise<MadeUpRun[]> {
  const { madeUpRun } = await import('./made-up-runs.ts');
  const runs = (await readManifests(file, options)).map(madeUpRun);
  for (const note of runs.flatMap(({ notes }) => notes)) console.error(`Note: ${note}`);
  return runs;
}

/** The applications of a file. @throws CliError for any other kind */
export async function readApplications(
  file: string,
  options: Pick<ReadOptions, 'prune' | 'defaults'> = {},
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
    return textOf(readFileSync(file), file);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const isUrl = /^https?:\/\//.test(file);
    const why = isUrl ? `it is a URL; download it first: curl -sfL ${file} | temporal-spark … -` : readProblem(error);
    throw new CliError(ExitCode.BadInput, `Cannot read ${file}: ${why}.`, error);
  }
}

function textOf(bytes: Buffer, file: string): string {
  const isUtf16 = bytes.length >= 2 && ['fffe', 'feff'].includes(bytes.subarray(0, 2).toString('hex'));
  if (!isUtf16 && !bytes.includes(0)) return bytes.toString('utf8');
  const what = isUtf16 ? 'it is UTF-16; save it as UTF-8' : 'it is not a text file';
  throw new CliError(ExitCode.BadInput, `Cannot read ${file}: ${what}.`);
}
