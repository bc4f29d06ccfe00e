import type { Volume } from '../kubernetes/objects.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { checkFieldRef, checkResourceFieldRef, VOLUME_FIELDS } from './check-env.ts';
import { checkKeys, checkMode } from './file-mode.ts';
import { filePathFault } from './names.ts';
import { items, type PodProblems } from './pod-problem.ts';

type DownwardFiles = NonNullable<Volume['downwardAPI']>['items'];
type ProjectedSources = NonNullable<Volume['projected']>['sources'];

const TEN_MINUTES_S = 600;

/** The files that a volume makes of the fields of its pod. */
export function checkDownwardFiles(problems: PodProblems, files: DownwardFiles, at: ProblemPath): void {
  for (const [index, { path, fieldRef, resourceFieldRef, mode }] of items(files)) {
    const here = [...at, index];
    problems.name([...here, 'path'], path, filePathFault);
    if (fieldRef === undefined && resourceFieldRef === undefined) {
      problems.required(here, 'one of fieldRef and resourceFieldRef is required');
    } else if (fieldRef !== undefined && resourceFieldRef !== undefined) {
      problems.invalid(here, 'resource', 'fieldRef and resourceFieldRef exclude each other');
    }
    if (fieldRef !== undefined) checkFieldRef(problems, fieldRef, VOLUME_FIELDS, [...here, 'fieldRef']);
    else if (resourceFieldRef !== undefined) {
      checkResourceFieldRef(problems, resourceFieldRef, [...here, 'resourceFieldRef'], { needsContainer: true });
    }
    checkMode(problems, mode, [...here, 'mode']);
  }
}

/** The sources of a projected volume: each of one kind, and each file at a path of its own. */
export function checkProjectedSources(problems: PodProblems, sources: ProjectedSources, at: ProblemPath): void {
  const paths = new Map<string, ProblemPath>();
  const claim = (path: string | undefined, place: ProblemPath): void => {
    if (!path) return;
    const other = paths.get(path);
    if (other === undefined) paths.set(path, place);
    else problems.invalid(place, path, 'conflicting duplicate paths', { other });
  };
  for (const [index, source] of items(sources)) {
    const here = [...at, index];
    const kinds = Object.values(source).filter((value) => value !== undefined && value !== null);
    if (kinds.length > 1) problems.forbidden(here, 'may not specify more than 1 volume type per source');
    for (const kind of ['secret', 'configMap'] as const) {
      const keys = source[kind];
      if (keys === undefined) continue;
      problems.name([...here, kind, 'name'], keys.name);
      checkKeys(problems, keys.items, [...here, kind, 'items']);
      for (const [item, { path }] of items(keys.items)) claim(path, [...here, kind, 'items', item, 'path']);
    }
    const { downwardAPI, serviceAccountToken } = source;
    if (downwardAPI !== undefined) {
      checkDownwardFiles(problems, downwardAPI.items, [...here, 'downwardAPI', 'items']);
      for (const [item, { path }] of items(downwardAPI.items))
        claim(path, [...here, 'downwardAPI', 'items', item, 'path']);
    }
    if (serviceAccountToken !== undefined) {
      const { path, expirationSeconds } = serviceAccountToken;
      const token = [...here, 'serviceAccountToken'];
      problems.name([...token, 'path'], path, filePathFault);
      if (expirationSeconds !== undefined && expirationSeconds < TEN_MINUTES_S) {
        const detail = 'may not specify a duration less than 10 minutes';
        problems.invalid([...token, 'expirationSeconds'], expirationSeconds, detail);
      }
    }
  }
}
