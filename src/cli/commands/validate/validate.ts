import type { TeamDefaults } from '../../../defaults/index.ts';
import { present } from '../../../validation/present.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import type { ClusterFlags, DefaultsFlags, PruneFlags } from '../../flags.ts';
import { manifestFiles, type ManifestFile } from '../../manifest-files.ts';
import { explainError } from '../../output/explain-error.ts';
import { printable } from '../../output/printable.ts';
import type { AskedServers } from './asked-servers.ts';
import { checkFile, type FileReport } from './check-file.ts';
import { reportPrinter, type ReportFormat } from './file-report.ts';

export interface ValidateFlags extends PruneFlags, ClusterFlags, DefaultsFlags {
  /** Ask API servers, too. */
  readonly server?: boolean;
  readonly output: ReportFormat;
}

/** Files that are checked at once where API servers are asked. */
const AT_ONCE = 16;
/** From so many files on, more threads take less time than they need to start. */
const MANY = 2_000;

/**
 * Reports on every file, whatever is wrong with the others. Where an API server cannot be asked, the rest is checked
 * without it, and that is reported last.
 */
export async function validate(paths: readonly string[], flags: ValidateFlags): Promise<ExitCode> {
  const printer = reportPrinter(flags.output);
  let isValid = true;
  let unasked: unknown;
  const servers =
    flags.server === true
      ? await connected(flags).catch((error: unknown) => {
          unasked = error;
          return undefined;
        })
      : undefined;
  try {
    for await (const report of reportsOf(manifestFiles(paths), flags, servers)) {
      printer.add(report);
      isValid &&= report.failure === undefined;
      unasked ??= report.unasked;
    }
  } finally {
    servers?.close();
  }
  const [denied] = servers?.denied ?? [];
  if (denied !== undefined) unasked ??= new CliError(ExitCode.Failed, denied);
  printer.end();
  if (unasked === undefined) return isValid ? ExitCode.Ok : ExitCode.BadInput;
  const { message, exitCode } = explainError(unasked);
  console.error(printable(`The API server has not checked all manifests. ${message}`));
  return isValid ? exitCode : ExitCode.BadInput;
}

/** In the order of the files. */
async function* reportsOf(
  files: readonly ManifestFile[],
  { prune, defaults: file }: ValidateFlags,
  servers: AskedServers | undefined,
): AsyncGenerator<FileReport> {
  const defaults = file === undefined ? undefined : await readDefaults(file);
  const options = present({ prune, defaults });
  if (servers === undefined && files.length >= MANY && files.every(({ path }) => path !== '-')) {
    const { checkInThreads } = await import('./check-in-threads.ts');
    yield* checkInThreads(files, options);
    return;
  }
  let asked = servers;
  for (let first = 0; first < files.length;) {
    const together = files.slice(first, first + (asked === undefined ? 1 : AT_ONCE));
    const reports = await Promise.all(
      together.map((each) => checkFile(each, { ...options, ...present({ servers: asked }) })),
    );
    yield* reports;
    if (reports.some(({ unasked }) => unasked !== undefined)) asked = undefined;
    first += together.length;
  }
}

async function readDefaults(file: string): Promise<TeamDefaults> {
  const { readDefaultsFile } = await import('../../read-defaults.ts');
  return readDefaultsFile(file);
}

async function connected(flags: ClusterFlags): Promise<AskedServers> {
  const { connectServers } = await import('./asked-servers.ts');
  return connectServers(flags);
}
