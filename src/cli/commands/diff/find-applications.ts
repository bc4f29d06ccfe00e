import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SparkApplication } from '../../../manifest/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { readManifests } from '../../read-manifests.ts';

export interface FoundApplications {
  readonly applications: readonly SparkApplication[];
  /** Of each document that is no application: file, kind and name. */
  readonly skipped: readonly string[];
}

/**
 * Every application of files and of folders with all below them; a schedule's template is one. What else is there (a
 * ConfigMap, a pipeline, whose applications take parameters) is skipped, and told.
 *
 * @throws ManifestError for an application that is not valid
 * @throws CliError where there is none
 */
export async function findApplications(
  paths: readonly string[],
  options: { readonly prune?: boolean } = {},
): Promise<FoundApplications> {
  const applications: SparkApplication[] = [];
  const skipped: string[] = [];
  for (const file of paths.flatMap(filesOf)) {
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
  throw new CliError(ExitCode.BadInput, `There is no SparkApplication in ${paths.join(', ')}.`);
}

/** The file itself, or the manifests in a folder. */
function filesOf(path: string): string[] {
  if (path === '-' || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
