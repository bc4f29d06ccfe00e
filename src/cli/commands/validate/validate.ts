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

export interface ValidateFlags extends PruneFlags, ClusterFlags, DefaultsFlags {
  /** Ask API servers, too. */
  readonly server?: boolean;
}

/** Files that are checked at once where API servers are asked. */
const AT_ONCE = 16;

/**
 * Reports on every file, whatever is wrong with the others. Where an API server cannot be asked, the rest is checked
 * without it, and that is reported last.
 */
export async function validate(paths: readonly string[], flags: ValidateFlags): Promise<ExitCode> {
  const problems: string[] = [];
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
        report.notes.forEach((note) => console.error(note));
        report.valid.forEach((line) => console.log(line));
        problems.push(...report.problems);
        unasked ??= report.unasked;
      }
    }
  } finally {
    servers?.close();
  }
  const [denied] = servers?.denied ?? [];
  if (denied !== undefined) unasked ??= new CliError(ExitCode.Failed, denied);
  if (problems.length > 0) console.error(printable(problems.join('\n')));
  if (unasked === undefined) return problems.length === 0 ? ExitCode.Ok : ExitCode.BadInput;
  const { message, exitCode } = explainError(unasked);
  console.error(printable(`The API server has not checked all manifests. ${message}`));
  return problems.length === 0 ? exitCode : ExitCode.BadInput;
}

async function readDefaults(file: string): Promise<TeamDefaults> {
  const { readDefaultsFile } = await import('../../read-defaults.ts');
  return readDefaultsFile(file);
}

async function connected(flags: ClusterFlags): Promise<AskedServers> {
  const { connectServers } = await import('./asked-servers.ts');
  return connectServers(flags);
}

/** The result of one file. */
interface Report {
  readonly valid: readonly string[];
  readonly notes: readonly string[];
  readonly problems: readonly string[];
  /** Why an API server was not asked. */
  readonly unasked?: unknown;
}

async function check(
  { path, isFound }: ManifestFile,
  { prune, defaults }: PruneFlags & { readonly defaults: TeamDefaults | undefined },
  servers: AskedServers | undefined,
): Promise<Report> {
  const notes: string[] = [];
  const problemsOf = (error: unknown): Report => {
    if (!(error instanceof ManifestError || error instanceof CliError)) throw error;
    return { valid: [], notes, problems: [error.message] };
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
  if (manifests.length === 0) notes.push(`Note: ${path}  contains no manifest and is skipped`);
  const valid = (by = ''): string[] =>
    manifests.map(
      ({ kind, metadata }) => `${path}: ${kind} ${metadata.namespace ?? 'default'}/${metadata.name} is valid${by}`,
    );
  if (servers === undefined) return { valid: valid(), notes, problems: [] };
  try {
    const found = await Promise.all(applications.map((application) => servers.ask(application)));
    if (found.every((each) => each.length === 0)) return { valid: valid(` on ${servers.names}`), notes, problems: [] };
    // The same applications come in the same order.
    const next = found.values();
    reader.read({ judge: (): readonly FoundProblem[] => next.next().value ?? [] });
    return { valid: valid(), notes, problems: [] };
  } catch (error) {
    if (error instanceof ManifestError) return problemsOf(error);
    return { valid: valid(), notes, problems: [], unasked: error };
  }
}
