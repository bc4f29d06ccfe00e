import type { Container, EnvVar } from '../kubernetes/objects.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { backstepFault, keyFault, labelFault, qualifiedNameFault, subdomainFault, variableFault } from './names.ts';
import { items, type PodProblems } from './pod-problem.ts';
import { quantity } from '../validation/quantity.ts';

type Reference = NonNullable<EnvVar['valueFrom']>;

const FIELDS = [
  ...['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName'],
  ...['status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'],
];
export const VOLUME_FIELDS: readonly string[] = [
  ...['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'],
];
const RESOURCES = ['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [`limits.${name}`, `requests.${name}`]);

/** The variables of a container, and the ConfigMaps and Secrets that it takes variables from. */
export function checkEnv(problems: PodProblems, { env, envFrom }: Container, at: ProblemPath): void {
  for (const [index, { name, value, valueFrom }] of items(env)) {
    const here = [...at, 'env', index];
    problems.name([...here, 'name'], name, variableFault);
    if (valueFrom !== undefined) checkReference(problems, valueFrom, value, [...here, 'valueFrom']);
  }
  for (const [index, { prefix, configMapRef, secretRef }] of items(envFrom)) {
    const here = [...at, 'envFrom', index];
    if (prefix) problems.check([...here, 'prefix'], prefix, variableFault);
    if (configMapRef !== undefined) problems.name([...here, 'configMapRef', 'name'], configMapRef.name, subdomainFault);
    if (secretRef !== undefined) problems.name([...here, 'secretRef', 'name'], secretRef.name, subdomainFault);
    if (configMapRef === undefined && secretRef === undefined) {
      problems.invalid(here, '', 'must specify one of: `configMapRef` or `secretRef`');
    } else if (configMapRef !== undefined && secretRef !== undefined) {
      problems.invalid(here, '', 'may not have more than one field specified at a time');
    }
  }
}

function checkReference(problems: PodProblems, from: Reference, value: string | undefined, at: ProblemPath): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = from;
  if (fieldRef !== undefined) checkFieldRef(problems, fieldRef, FIELDS, [...at, 'fieldRef']);
  if (resourceFieldRef !== undefined) {
    checkResourceFieldRef(problems, resourceFieldRef, [...at, 'resourceFieldRef'], { needsContainer: false });
  }
  for (const [kind, reference] of [
    ['configMapKeyRef', configMapKeyRef],
    ['secretKeyRef', secretKeyRef],
  ] as const) {
    if (reference === undefined) continue;
    problems.check([...at, kind, 'name'], reference.name ?? '', subdomainFault);
    problems.name([...at, kind, 'key'], reference.key, keyFault);
  }
  if (fileKeyRef !== undefined) {
    problems.name([...at, 'fileKeyRef', 'key'], fileKeyRef.key, variableFault);
    problems.name([...at, 'fileKeyRef', 'volumeName'], fileKeyRef.volumeName, labelFault);
    problems.name([...at, 'fileKeyRef', 'path'], fileKeyRef.path, backstepFault);
  }
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(
    (each) => each !== undefined,
  ).length;
  if (count === 0) {
    problems.invalid(
      at,
      '',
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
    );
  } else if (value) problems.invalid(at, '', 'may not be specified when `value` is not empty');
  else if (count > 1) problems.invalid(at, '', 'may not have more than one field specified at a time');
}

/** A field of the pod: `metadata.name`, `metadata.labels['a']`. */
export function checkFieldRef(
  problems: PodProblems,
  { apiVersion, fieldPath }: NonNullable<Reference['fieldRef']>,
  fields: readonly string[],
  at: ProblemPath,
): void {
  const place = [...at, 'fieldPath'];
  if (apiVersion !== undefined && apiVersion !== '' && apiVersion !== 'v1') {
    problems.invalid(place, fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`);
    return;
  }
  if (!fieldPath) {
    problems.required(place);
    return;
  }
  const [, path, subscript] = /^([^[\]]*)\['([^']*)'\]$/.exec(fieldPath) ?? [];
  if (path === undefined || subscript === undefined) problems.oneOf(place, fieldPath, fields);
  else if (path === 'metadata.labels') problems.check(at, subscript, qualifiedNameFault);
  else if (path === 'metadata.annotations') problems.check(at, subscript.toLowerCase(), qualifiedNameFault);
  else problems.invalid(place, fieldPath, 'does not support subscript');
}

/** A resource of a container: `limits.memory`. */
export function checkResourceFieldRef(
  problems: PodProblems,
  { containerName, resource, divisor }: NonNullable<Reference['resourceFieldRef']>,
  at: ProblemPath,
  { needsContainer }: { readonly needsContainer: boolean },
): void {
  if (needsContainer && !containerName) problems.required([...at, 'containerName']);
  else if (!resource) problems.required([...at, 'resource']);
  else if (!/^(?:limits|requests)\.hugepages-/.test(resource)) problems.oneOf([...at, 'resource'], resource, RESOURCES);
  checkDivisor(problems, resource, String(divisor ?? '0'), [...at, 'divisor']);
}

/** One of a unit, in whatever way it is written. */
function checkDivisor(problems: PodProblems, resource = '', divisor: string, at: ProblemPath): void {
  const amount = quantity(divisor);
  const isCpu = resource.endsWith('.cpu');
  const base = divisor.endsWith('i') ? 1024 : 1000;
  const units = isCpu ? [1e-3, 1] : [0, 1, 2, 3, 4, 5, 6].map((power) => base ** power);
  if (amount === 0 || units.includes(amount)) return;
  const names = isCpu ? '1m and 1' : '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';
  problems.invalid(at, divisor, `only divisor's values ${names} are supported with the ${isCpu ? 'cpu ' : ''}resource`);
}
