import { globSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file to read manifests from. */
export interface ManifestFile {
  readonly path: string;
  /** Whether a folder or a pattern led to it, so that it may hold something else. */
  readonly isFound: boolean;
}

/** The files that arguments stand for: files, folders with all below them, and patterns such as `jobs/*.yaml`. */
export function manifestFiles(paths: readonly string[]): readonly ManifestFile[] {
  const files = new Map<string, ManifestFile>();
  for (const path of paths) {
    const found = filesOf(path);
    for (const each of found ?? [path]) {
      if (!files.has(each)) files.set(each, { path: each, isFound: found !== undefined });
    }
  }
  return [...files.values()];
}

/** The files of a folder or a pattern; undefined for the path of one file, or for one that leads nowhere. */
function filesOf(path: string): readonly string[] | undefined {
  const stat = path === '-' ? undefined : statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return filesBelow(path);
  if (stat !== undefined || !/[*?[{]/.test(path)) return undefined;
  const found = globSync(path).flatMap((each) => (statSync(each).isDirectory() ? filesBelow(each) : [each]));
  return found.length === 0 ? undefined : found.toSorted();
}

/** The YAML and JSON files in a folder and its folders. */
export const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/(?:^|[/\\])(?:node_modules|\.git)[/\\]/.test(path))
    .toSorted();
