import { createHash } from 'node:crypto';
import type { Container, Pod } from '../../kubernetes/objects.ts';
import type { Role } from '../../spark/application/role.ts';
import type { SubmissionIdentity } from '../../spark/index.ts';

/** Labels that Spark makes from the name and the ID of an application. */
const NAMING: readonly string[] = ['spark-app-name', 'spark-app-selector'];

/**
 * A hash of all that an API server may refuse of a pod, the same for each attempt of an application: without names and
 * IDs, which the offline rules check, and without the arguments and literal variables of a driver, which often hold a
 * date. A policy about those is met when the driver is created.
 */
export function podShape(
  role: Role,
  { metadata = {}, spec }: Pod,
  { submissionId, sparkApplicationId, resourceNamePrefix, ...identity }: SubmissionIdentity,
): string {
  const { name: _, labels, annotations, ownerReferences, ...rest } = metadata;
  const { hostname, containers, ...pod } = spec!;
  const shape = {
    ...{ role, rest, pod },
    // Each resource is another owner.
    owners: ownerReferences?.map(({ name: __, uid: ___, ...owner }) => owner),
    labels: without(labels, [...NAMING, ...Object.keys(identity.labels)]),
    annotations: without(annotations, Object.keys(identity.annotations)),
    // An executor's is made from its name.
    hostname: role === 'driver' ? hostname : undefined,
    containers: role === 'driver' ? containers.map(withoutValues) : containers,
  };
  const text = [submissionId, sparkApplicationId, resourceNamePrefix].reduce(
    (json, id) => json.replaceAll(id, ''),
    JSON.stringify(shape),
  );
  return createHash('sha256').update(text).digest('base64');
}

function without(entries: Readonly<Record<string, string>> = {}, keys: readonly string[]): [string, string][] {
  return Object.entries(entries).filter(([key]) => !keys.includes(key));
}

function withoutValues({ args: _, env = [], ...container }: Container): object {
  return { ...container, env: env.map(({ value: __, ...variable }) => variable) };
}
