import type { TeamDefaults } from '../../../defaults/index.ts';
import { isForeign, hasKind } from '../../../manifest/identity.ts';
import { ManifestError, type SparkApplication, type SparkManifest } from '../../../manifest/index.ts';
import { present } from '../../../validation/present.ts';
import type { FoundProblem } from '../../../validation/problem.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import type { ClusterFlags, DefaultsFlags, PruneFlags } from '../../flags.ts';
import { manifestFiles, type ManifestFile } from '../../manifest-files.ts';
import { explainError } from '../../output/explain-error.ts';
import { printable } from '../../output/printable.ts';
import { manifestReader, type ManifestReader } from '../../read-manifests.ts';
import type { AskedServers } from './asked-servers.ts';
import { reportPrinter, type FileReport, type ReportFormat } from './file-report.ts';

export interface ValidateFlags extends PruneFlags, ClusterFlags, DefaultsFlags {
  /** Ask API servers, too. */
  readonly server?: boolean;
  readonly output: ReportFormat;
}

/** Files that are checked at once where API servers are asked. */
const AT_ONCE = 16;

/**
 * Reports on every file, whatever is wrong with the others. Where an API server cannot be asked, the rest is checked
 * without it, and that is reported last.
 */
export async function validate(paths: readonly string[], flags: ValidateFlags): Promise<ExitCode> {
  const printer = reportPrinter(flags.output);
  let isValid = true;
  const defaults = flags.defaults === undefined ? undefined : await readDefaults(flags.defaults);
  let unasked: unknown;
  const servers =
    flags.server === true
      ? await connected(flags).catch((error: unknown) => {
          unasked = error;
          return undefined;
        })
      : undefined;
  try {
    const files = [...manifestFiles(paths)];
    while (files.length > 0) {
      const asked = unasked === undefined ? servers : undefined;
      const together = files.splice(0, asked === undefined ? 1 : AT_ONCE);
      for (const report of await Promise.all(together.map((file) => check(file, { ...flags, defaults }, asked)))) {
        printer.add(report);
        isValid &&= report.failure === undefined;
        unasked ??= report.unasked;
      }
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

async function readDefaults(file: string): Promise<TeamDefaults> {
  const { readDefaultsFile } = await import('../../read-defaults.ts');
  return readDefaultsFile(file);
}

async function connected(flags: ClusterFlags): Promise<AskedServers> {
  const { connectServers } = await import('./asked-servers.ts');
  return connectServers(flags);
}

async function check(
  { path, isFound }: ManifestFile,
  { prune, defaults }: PruneFlags & { readonly defaults: TeamDefaults | undefined },
  servers: AskedServers | undefined,
): Promise<FileReport> {
  const notes: string[] = [];
  const problemsOf = (error: unknown): FileReport => {
    if (!(error instanceof ManifestError || error instanceof CliError)) throw error;
    return { path, valid: [], notes, failure: error };
  };
  const skip = (document: unknown): boolean => isFound && (isForeign(document) || !hasKind(document));
  const applications: SparkApplication[] = [];
  let reader: ManifestReader;
  let manifests: SparkManifest[];
  try {
    reader = await manifestReader(path, { anySubmitter: false, skip, ...present({ prune, defaults }) });
    manifests = reader.read({
      onNote: (note) => notes.push(note),
      judge(application) {
        applications.push(application);
        return [];
      },
    });
  } catch (error) {
    return problemsOf(error);
  }
  if (manifests.length === 0) notes.push(`${path}  contains no manifest and is skipped`);
  const valid: FileReport = { path, valid: manifests, notes };
  if (servers === undefined) return valid;
  try {
    const found = await Promise.all(applications.map((application) => servers.ask(application)));
    if (found.every((each) => each.length === 0)) return { ...valid, clusters: servers.names };
    // The same applications come in the same order.
    const next = found.values();
    reader.read({ judge: (): readonly FoundProblem[] => next.next().value ?? [] });
    return valid;
  } catch (error) {
    return error instanceof ManifestError ? problemsOf(error) : { ...valid, unasked: error };
  }
}
