import type { TeamDefaults } from '../../../defaults/index.ts';
import { isForeign, hasKind } from '../../../manifest/identity.ts';
import { ManifestError, type SparkApplication, type SparkManifest } from '../../../manifest/index.ts';
import { present } from '../../../validation/present.ts';
import type { FoundProblem, ManifestProblem } from '../../../validation/problem.ts';
import { CliError } from '../../exit-code.ts';
import type { PruneFlags } from '../../flags.ts';
import type { ManifestFile } from '../../manifest-files.ts';
import { manifestReader, type ManifestReader } from '../../read-manifests.ts';
import type { AskedServers } from './asked-servers.ts';

/** The result of one file; plain data but for `unasked`. */
export interface FileReport {
  readonly path: string;
  readonly valid: readonly Identity[];
  /** The clusters whose API server has checked them, too. */
  readonly clusters?: string;
  readonly notes: readonly string[];
  readonly failure?: {
    /** For people: all problems. */
    readonly message: string;
    readonly problems: readonly ManifestProblem[];
  };
  /** Why an API server was not asked. */
  readonly unasked?: unknown;
}

/** Of a manifest. */
export interface Identity {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface CheckFileOptions extends PruneFlags {
  /** @default none */
  readonly defaults?: TeamDefaults;
  /** API servers that are asked, too. @default none */
  readonly servers?: AskedServers;
}

export async function checkFile(
  { path, isFound }: ManifestFile,
  { prune, defaults, servers }: CheckFileOptions,
): Promise<FileReport> {
  const notes: string[] = [];
  const problemsOf = (error: unknown): FileReport => {
    if (!(error instanceof ManifestError || error instanceof CliError)) throw error;
    const { message } = error;
    const unreadable = { file: path, document: 1, path: [], pathText: '', code: 'unreadable', message };
    const problems = error instanceof ManifestError ? error.problems : [unreadable];
    return { path, valid: [], notes, failure: { message, problems } };
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
  const valid: FileReport = { path, valid: manifests.map(identityOf), notes };
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

const identityOf = ({ kind, metadata }: SparkManifest): Identity => ({
  ...{ kind, namespace: metadata.namespace ?? 'default', name: metadata.name },
});
