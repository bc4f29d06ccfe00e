import type { Pod } from '../../kubernetes/objects.ts';
import type { SparkApplication } from '../../manifest/spark-application.ts';
import type { ProblemPath } from '../../validation/problem.ts';
import { valueAt } from '../../validation/problems.ts';
import { isRecord } from '../../validation/unknown-data.ts';
import { confPath } from '../conf-path.ts';
import { templateContainerName } from '../application/pod-template.ts';
import type { Role } from '../application/role.ts';

/** Objects of a manifest by identity: the translation passes on those that it does not change. */
export type Origins = ReadonlyMap<object, ProblemPath>;

/** Every object of the manifest's spec, with its path. */
export function originsOf({ spec }: SparkApplication): Origins {
  const origins = new Map<object, ProblemPath>();
  const visit = (value: unknown, path: ProblemPath): void => {
    if (typeof value !== 'object' || value === null || origins.has(value)) return;
    origins.set(value, path);
    for (const [key, inner] of Object.entries(value)) visit(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  };
  visit(spec, ['spec']);
  return origins;
}

/**
 * The path in the manifest of what stands at a path of a pod: that of the same object, or of the field that became it;
 * the role where neither is known.
 */
export function originOf(
  application: SparkApplication,
  origins: Origins,
  { role, pod }: { readonly role: Role; readonly pod: Pod },
  path: ProblemPath,
): ProblemPath | undefined {
  const candidates = [
    inManifest(origins, pod, path),
    inTemplate(application, role, pod, path),
    fromField(application, role, pod, path),
  ];
  return candidates.find((candidate) => candidate !== undefined);
}

/** By the deepest object on the path that the manifest holds too. */
function inManifest(origins: Origins, pod: Pod, path: ProblemPath): ProblemPath | undefined {
  let value: unknown = pod;
  let found: ProblemPath | undefined;
  for (const [index, part] of path.entries()) {
    value = valueAt(value, [part]);
    const origin = typeof value === 'object' && value !== null ? origins.get(value) : undefined;
    if (origin !== undefined) found = [...origin, ...path.slice(index + 1)];
  }
  return found;
}

/** What the manifest's own pod template holds at the same path; its Spark container stands last in a pod. */
function inTemplate(application: SparkApplication, role: Role, pod: Pod, path: ProblemPath): ProblemPath | undefined {
  const { spec } = application;
  const containers = spec[role].template?.spec?.containers ?? [];
  const [root, list, index, ...rest] = path;
  const named = containers.findIndex(({ name }) => name === templateContainerName(spec, role));
  const isSpark = root === 'spec' && list === 'containers' && index === pod.spec!.containers.length - 1;
  const inSpec = isSpark ? ['spec', 'containers', Math.max(named, 0), ...rest] : path;
  const candidate = ['spec', role, 'template', ...inSpec];
  return valueAt(application, candidate) === undefined ? undefined : candidate;
}

/** What Spark makes of configuration, and we of fields that have no place in a pod. */
function fromField(application: SparkApplication, role: Role, pod: Pod, path: ProblemPath): ProblemPath | undefined {
  const { spec } = application;
  const ofRole = spec[role];
  const [root, field, index, ...rest] = path;
  const conf = (key: string): ProblemPath => confPath(application, `spark.kubernetes.${role}.${key}`);
  if (root === 'metadata') {
    if (field === 'labels') return conf(`label.${String(index)}`);
    if (field === 'annotations')
      return index === undefined ? ['spec', role, 'annotations'] : conf(`annotation.${String(index)}`);
    if (field !== 'name') return undefined;
    return role === 'driver' ? podNamePath(application) : PREFIX_PATH;
  }
  switch (field) {
    case 'hostname':
      return role === 'executor' ? PREFIX_PATH : undefined;
    case 'nodeSelector':
      return index === undefined ? undefined : nodeSelectorPath(application, role, String(index));
    case 'volumes':
      return volumePath(application, role, valueAt(pod, path.slice(0, 3)));
    case 'containers':
      return containerPath();
    case undefined:
    default:
      return field !== undefined && valueAt(ofRole, [field]) !== undefined
        ? ['spec', role, ...path.slice(1)]
        : undefined;
  }

  function containerPath(): ProblemPath | undefined {
    const [part, item, ...last] = rest;
    const value = valueAt(pod, path.slice(0, 5));
    switch (part) {
      case 'image':
        return ofRole.image === undefined ? ['spec', 'image'] : ['spec', role, 'image'];
      case 'imagePullPolicy':
        return confPath(application, 'spark.kubernetes.container.image.pullPolicy');
      case 'resources':
        return resourcePath(application, role, item, String(last[0]));
      case 'ports':
        return portPath(application, value);
      case 'volumeMounts':
        return mountPath(application, role, value);
      case 'env':
        return isRecord(value) ? variablePath(application, role, String(value['name'])) : undefined;
      case undefined:
      default:
        return part !== undefined && valueAt(ofRole, [part]) !== undefined ? ['spec', role, ...rest] : undefined;
    }
  }
}

const PREFIX_PATH = ['spec', 'sparkConf', 'spark.kubernetes.executor.podNamePrefix'];

const podNamePath = ({ spec }: SparkApplication): ProblemPath =>
  spec.driver.podName === undefined
    ? ['spec', 'sparkConf', 'spark.kubernetes.driver.pod.name']
    : ['spec', 'driver', 'podName'];

function nodeSelectorPath({ spec }: SparkApplication, role: Role, key: string): ProblemPath {
  if (spec[role].nodeSelector?.[key] !== undefined) return ['spec', role, 'nodeSelector', key];
  if (spec.nodeSelector?.[key] !== undefined) return ['spec', 'nodeSelector', key];
  const own = `spark.kubernetes.${role}.node.selector.${key}`;
  const written = spec.sparkConf?.[own] === undefined ? `spark.kubernetes.node.selector.${key}` : own;
  return ['spec', 'sparkConf', written];
}

/** The field that sets a request or a limit, or that does not exceed it: a request and its limit contradict each other. */
function resourcePath(application: SparkApplication, role: Role, kind: unknown, resource: string): ProblemPath {
  const { spec } = application;
  if (resource === spec[role].gpu?.name) return ['spec', role, 'gpu'];
  if (resource !== 'cpu') {
    const amount = `spark.${role}.resource.${resource.split('/').at(-1)!}.amount`;
    return spec.sparkConf?.[amount] === undefined ? ['spec', role] : ['spec', 'sparkConf', amount];
  }
  const limit = confPath(application, `spark.kubernetes.${role}.limit.cores`);
  if (valueAt(application, limit) !== undefined || kind === 'limits') return limit;
  const request = confPath(application, `spark.kubernetes.${role}.request.cores`);
  return valueAt(application, request) === undefined ? confPath(application, `spark.${role}.cores`) : request;
}

function portPath({ spec }: SparkApplication, port: unknown): ProblemPath | undefined {
  const { portName = 'jmx-exporter' } = spec.monitoring?.prometheus ?? {};
  const isExporters = spec.monitoring?.prometheus !== undefined && isRecord(port) && port['name'] === portName;
  return isExporters ? ['spec', 'monitoring', 'prometheus', 'portName'] : undefined;
}

/** The Secret or ConfigMap of a role that a volume holds. */
function volumePath({ spec }: SparkApplication, role: Role, volume: unknown): ProblemPath | undefined {
  const secret = valueAt(volume, ['secret', 'secretName']);
  const configMap = valueAt(volume, ['configMap', 'name']);
  const { secrets = [], configMaps = [] } = spec[role];
  const ofSecret = secrets.findIndex(({ name }) => name === secret);
  if (ofSecret !== -1) return ['spec', role, 'secrets', ofSecret, 'name'];
  const ofConfigMap = configMaps.findIndex(({ name }) => name === configMap);
  if (ofConfigMap !== -1) return ['spec', role, 'configMaps', ofConfigMap, 'name'];
  const keys = Object.keys(spec.sparkConf ?? {});
  const name = String(valueAt(volume, ['name']));
  const key = keys.find(
    (each) =>
      each === `spark.kubernetes.${role}.secrets.${String(secret)}` ||
      (each.startsWith(`spark.kubernetes.${role}.volumes.`) && each.split('.')[5] === name),
  );
  return key === undefined ? undefined : ['spec', 'sparkConf', key];
}

function mountPath({ spec }: SparkApplication, role: Role, mount: unknown): ProblemPath | undefined {
  const { secrets = [], configMaps = [] } = spec[role];
  const path = valueAt(mount, ['mountPath']);
  const ofSecret = secrets.findIndex((each) => each.path === path);
  if (ofSecret !== -1) return ['spec', role, 'secrets', ofSecret, 'path'];
  const ofConfigMap = configMaps.findIndex((each) => each.path === path);
  if (ofConfigMap !== -1) return ['spec', role, 'configMaps', ofConfigMap, 'path'];
  const prefix = `spark.kubernetes.${role}.`;
  const key = Object.entries(spec.sparkConf ?? {}).find(
    ([each, value]) => each.startsWith(prefix) && value === path,
  )?.[0];
  if (key !== undefined) return ['spec', 'sparkConf', key];
  const scratch = (spec[role].volumeMounts ?? []).findIndex((each) => each.mountPath === path);
  return scratch === -1 ? undefined : ['spec', role, 'volumeMounts', scratch, 'mountPath'];
}

function variablePath({ spec }: SparkApplication, role: Role, name: string): ProblemPath | undefined {
  const environment = role === 'driver' ? 'spark.kubernetes.driverEnv.' : 'spark.executorEnv.';
  for (const field of ['envVars', 'envSecretKeyRefs'] as const) {
    if (spec[role][field]?.[name] !== undefined) return ['spec', role, field, name];
  }
  const key = [`${environment}${name}`, `spark.kubernetes.${role}.secretKeyRef.${name}`].find(
    (each) => spec.sparkConf?.[each] !== undefined,
  );
  return key === undefined ? undefined : ['spec', 'sparkConf', key];
}
