import type { SparkApplication } from '../../../manifest/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { manifestFiles } from '../../manifest-files.ts';
import { readManifests } from '../../read-manifests.ts';

export interface FoundApplications {
  readonly applications: readonly SparkApplication[];
  /** File, kind and name of each document that is not an application. */
  readonly skipped: readonly string[];
}

/**
 * Finds every application in files and, recursively, in directories; the template of a schedule is one. Other documents
 * (a ConfigMap; a pipeline, whose applications take parameters) are skipped and listed.
 *
 * @throws ManifestError for an application that is not valid
 * @throws CliError where no application is found
 */
export async function findApplications(
  paths: readonly string[],
  options: { readonly prune?: boolean } = {},
): Promise<FoundApplications> {
  const applications: SparkApplication[] = [];
  const skipped: string[] = [];
  for (const { path: file } of manifestFiles(paths)) {
    const skip = (document: unknown): boolean => {
      const { kind, metadata } = (document ?? {}) as { kind?: string; metadata?: { name?: string } };
      if (kind === 'SparkApplication' || kind === 'ScheduledSparkApplication') return false;
      skipped.push([`${file}:`, kind ?? 'a document without a kind', metadata?.name ?? ''].join(' ').trim());
      return true;
    };
    for (const manifest of await readManifests(file, { ...options, skip })) {
      if (manifest.kind === 'SparkApplication') applications.push(manifest);
      else if (manifest.kind === 'ScheduledSparkApplication') {
        const { apiVersion, metadata, spec } = manifest;
        applications.push({ apiVersion, kind: 'SparkApplication', metadata, spec: spec.template });
      }
    }
  }
  if (applications.length > 0) return { applications, skipped };
  throw new CliError(ExitCode.BadInput, `No SparkApplication found in ${paths.join(', ')}.`);
}
