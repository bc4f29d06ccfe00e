import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  NativeSubmitter,
  readSubmitters,
  Submitters,
  SubmittersConfigurationError,
  type SparkApplicationSubmitter,
  type SubmittersConfiguration,
} from './submitters/index.ts';

export interface SubmittersFileOptions {
  /** Submitters beside the built-in ones and those of the file's modules. */
  readonly submitters?: readonly SparkApplicationSubmitter[];
  /** Told of each time the file changed: whether it was taken over, and why not. */
  readonly onReload?: (error: Error | undefined) => void;
  /** Milliseconds between looks at the file: a mounted ConfigMap changes by a link. @default 2000 */
  readonly intervalMs?: number;
}

export interface WatchedSubmitters {
  readonly submitters: Submitters;
  /** No longer looks at the file. */
  close(): void;
}

/**
 * The submitters that a configuration file names, kept as the file says while it changes. One that becomes invalid, or
 * can't be read, changes nothing: what was there before stays.
 *
 * @throws SubmittersConfigurationError with every problem of the file as it is now
 */
export async function watchSubmitters(file: string, options: SubmittersFileOptions = {}): Promise<WatchedSubmitters> {
  const { submitters: given = [], onReload = () => {}, intervalMs = 2_000 } = options;
  const load = async () => {
    const configuration = readSubmitters(textOf(file), file);
    return { available: [new NativeSubmitter(), ...given, ...(await modulesOf(configuration, file))], configuration };
  };
  const { available, configuration } = await load();
  const submitters = new Submitters(available, configuration);
  const reload = async () => {
    try {
      const next = await load();
      submitters.exchange(next.available, next.configuration);
      onReload(undefined);
    } catch (error) {
      onReload(error as Error);
    }
  };
  const onChange = () => void reload();
  watchFile(file, { interval: intervalMs, persistent: false }, onChange);
  return { submitters, close: () => unwatchFile(file, onChange) };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw problem(file, [], `can't be read (${(error as Error).message})`);
  }
}

async function modulesOf(
  { modules = [] }: SubmittersConfiguration,
  file: string,
): Promise<SparkApplicationSubmitter[]> {
  return Promise.all(
    modules.map(async ({ name, module }, index) => {
      const path = ['modules', index, 'module'];
      const { submitter } = await importedFrom(module, file).catch((error: unknown) => {
        throw problem(file, path, `can't be loaded: ${(error as Error).message}`);
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

function problem(file: string, path: (string | number)[], message: string): SubmittersConfigurationError {
  const pathText = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
  return new SubmittersConfigurationError([{ file, document: 1, path, pathText, code: 'unusable', message }]);
}
