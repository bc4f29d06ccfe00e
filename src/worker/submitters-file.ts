import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  BatchSubmitter,
  IsolatedSubmitter,
  NativeSubmitter,
  readSubmitters,
  SparkSubmitJobSubmitter,
  SparkSubmitSubmitter,
  Submitters,
  SubmittersConfigurationError,
  type SparkApplicationSubmitter,
  type SubmittersConfiguration,
} from '../submitters/index.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { configurationText, unusable } from './configuration-text.ts';
import { FileChanges } from './file-changes.ts';
import type { WatchedFileOptions } from './watched-file.ts';

export interface SubmittersFileOptions extends WatchedFileOptions {
  /** Submitters in addition to the built-in ones and those of the file's modules. */
  readonly submitters?: readonly SparkApplicationSubmitter[];
}

export interface WatchedSubmitters {
  readonly submitters: Submitters;
  /** Stops checking the file. */
  close(): void;
}

/**
 * The submitters that a configuration file names, updated when the file changes. A file that becomes invalid, or
 * cannot be read, changes nothing: the previous submitters stay.
 *
 * @throws SubmittersConfigurationError with every problem of the present file
 */
export async function watchSubmitters(file: string, options: SubmittersFileOptions = {}): Promise<WatchedSubmitters> {
  const { submitters: given = [], onReload = () => {}, intervalMs = 2_000 } = options;
  const load = async () => {
    const configuration = readSubmitters(
      configurationText(file, (problems) => new SubmittersConfigurationError(problems)),
      file,
    );
    return {
      available: [
        new NativeSubmitter(),
        new IsolatedSubmitter(configuration.isolated),
        new BatchSubmitter(configuration.batch),
        ...sparkSubmitOf(configuration, file),
        ...sparkSubmitJobOf(configuration),
        ...given,
        ...(await modulesOf(configuration, file)),
      ],
      configuration,
    };
  };
  const changes = new FileChanges(file, intervalMs);
  const { available, configuration } = await load();
  const submitters = new Submitters(available, configuration);
  let begun = 0;
  let taken = 0;
  let isClosed = false;
  const reload = async () => {
    const change = (begun += 1);
    // A change whose modules take long to load does not undo a later one.
    const isPast = () => isClosed || change < taken;
    try {
      const next = await load();
      if (isPast()) return;
      submitters.exchange(next.available, next.configuration);
      taken = change;
      onReload(undefined);
    } catch (error) {
      if (!isPast()) onReload(error as Error);
    }
  };
  const stop = changes.start(() => void reload());
  const close = () => {
    isClosed = true;
    stop();
  };
  return { submitters, close };
}

/** The submitter spark-submit, where the file configures its Spark. */
function sparkSubmitOf({ sparkSubmit }: SubmittersConfiguration, file: string): SparkApplicationSubmitter[] {
  if (sparkSubmit === undefined) return [];
  const home = resolve(dirname(file), sparkSubmit.home);
  if (hasSpark(home)) return [new SparkSubmitSubmitter({ ...sparkSubmit, home })];
  throw problem(file, ['sparkSubmit', 'home'], `is not a Spark directory: ${home}/bin/spark-submit does not exist`);
}

/** The submitter spark-submit-job, where the file configures its image. */
function sparkSubmitJobOf({ sparkSubmitJob, isolated }: SubmittersConfiguration): SparkApplicationSubmitter[] {
  if (sparkSubmitJob === undefined) return [];
  const { image, timeoutSeconds } = sparkSubmitJob;
  const timeout = timeoutSeconds === undefined ? {} : { timeoutMs: timeoutSeconds * 1000 };
  return [new SparkSubmitJobSubmitter({ ...isolated, image, ...timeout })];
}

/** Whether there is a Spark in the directory that can submit. */
export function hasSpark(home: string): boolean {
  return existsSync(join(home, 'bin', 'spark-submit'));
}

async function modulesOf(
  { modules = [] }: SubmittersConfiguration,
  file: string,
): Promise<SparkApplicationSubmitter[]> {
  return Promise.all(
    modules.map(async ({ name, module }, index) => {
      const path = ['modules', index, 'module'];
      const { submitter } = await importedFrom(module, file).catch((error: unknown) => {
        throw problem(file, path, `cannot be loaded: ${(error as Error).message}`);
      });
      if (!isSubmitter(submitter))
        throw problem(file, path, 'exports no `submitter` with a name and a submit function');
      if (submitter.name !== name)
        throw problem(file, path, `exports the submitter "${submitter.name}", not "${name}"`);
      return submitter;
    }),
  );
}

/** A path is one from the file; anything else is the name of an installed package. */
function importedFrom(module: string, file: string): Promise<{ submitter?: unknown }> {
  const isPath = isAbsolute(module) || module.startsWith('.');
  const specifier = isPath ? pathToFileURL(resolve(dirname(file), module)).href : module;
  return import(specifier) as Promise<{ submitter?: unknown }>;
}

function isSubmitter(value: unknown): value is SparkApplicationSubmitter {
  const { name, submit } = (value ?? {}) as Partial<SparkApplicationSubmitter>;
  return typeof name === 'string' && typeof submit === 'function';
}

function problem(file: string, path: ProblemPath, message: string): SubmittersConfigurationError {
  return new SubmittersConfigurationError([unusable(file, path, message)]);
}
