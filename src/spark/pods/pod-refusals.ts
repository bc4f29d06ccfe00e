import type { SparkApplication } from '../../manifest/spark-application.ts';
import { podProblemText, type PodProblem } from '../../pod-rules/index.ts';
import type { FoundProblem } from '../../validation/problem.ts';
import { didYouMean } from '../../validation/closest.ts';
import { present } from '../../validation/present.ts';
import { valueAt } from '../../validation/problems.ts';
import type { Role } from '../application/role.ts';
import { refusalText, type CheckedPod } from './check-objects.ts';
import { originOf, originsOf } from './origin.ts';

/** What the API server would refuse of the pods, at the fields of the manifest that cause it. */
export function podRefusals(application: SparkApplication, pods: readonly CheckedPod[]): readonly FoundProblem[] {
  const origins = originsOf(application);
  const found = new Map<string, FoundProblem>();
  for (const checked of pods) {
    for (const problem of checked.problems) {
      const at = (path: PodProblem['path']) => originOf(application, origins, checked, path);
      const origin = at(problem.path);
      const other = problem.other && at(problem.other);
      // What Spark sets by default is in no manifest; what contradicts it is.
      const written = [origin, other].find((each) => each !== undefined && valueAt(application, each) !== undefined);
      const path = written ?? origin ?? other ?? ['spec', checked.role];
      // What both pods have is reported once.
      const key = JSON.stringify([path, podProblemText(problem)]);
      if (found.has(key)) continue;
      const message = refusalText(checked.role, problem);
      const remedy = remedyOf(application, checked.role, problem);
      found.set(key, { path, code: 'refused', message, ...present({ remedy }) });
    }
  }
  return [...found.values()];
}

function remedyOf(
  { spec }: SparkApplication,
  role: Role,
  { path, remedy, reason, value, detail }: PodProblem,
): string | undefined {
  const [, list, , field, kind, resource] = path;
  if (reason === 'Not found' && field === 'volumeMounts') {
    const names = (spec.volumes ?? []).map(({ name }) => name);
    return didYouMean(String(value), names) ?? `declare it in spec.volumes, which has: ${names.join(', ') || 'none'}`;
  }
  if (remedy !== undefined) return remedy;
  if (field === 'volumeMounts' && detail === 'must be unique') {
    return `choose another ${String(resource)}: the container has another mount there, of Spark or of the application`;
  }
  if (list === 'containers' && field === 'resources' && kind === 'requests' && resource === 'cpu') {
    return `raise spec.${role}.coreLimit, or set spec.${role}.coreRequest below it`;
  }
  if (field === 'ports' && reason === 'Duplicate value' && resource === 'hostPort') {
    return 'choose another hostPort, or remove it: another port of the pod has the same port of its host';
  }
  if (field === 'ports' && reason === 'Duplicate value') {
    return `choose another name: ${String(value)} is used by another port of the container`;
  }
  return undefined;
}
