import type { ConfigMap, EnvVar, KubernetesObject, Pod, VolumeMount } from '../../kubernetes/objects.ts';

/**
 * What one submission created, with everything replaced that differs from run to run, and everything sorted whose order
 * has no meaning or is arbitrary in Spark.
 */
export interface NormalObjects {
  readonly pod: unknown;
  /** `<kind>/<name>` of the dependents, in the order of their creation. */
  readonly order: readonly string[];
  readonly dependents: Readonly<Record<string, unknown>>;
}

/** @param prefix what the generated names start with */
export function normalise(pod: Pod, dependents: readonly KubernetesObject[], prefix: string): NormalObjects {
  const confMap = dependents.find((object) => (object as ConfigMap).data?.['spark.properties'] !== undefined);
  const replacements: readonly [RegExp, string][] = [
    [literally(nameOf(confMap)), 'CONF_MAP'],
    [literally(nameOf(dependents.find(({ kind }) => kind === 'Service'))), 'SERVICE'],
    [literally(prefix), 'PREFIX'],
    [literally(pod.metadata?.labels?.['spark-app-selector'] ?? ''), 'APP_ID'],
    [/(?<=-driver-pvc-)\d+/g, 'N'], // counted in the order of a hash map
    [/\/var\/data\/spark-[0-9a-f-]{36}/g, 'LOCAL_DIR'],
    [/^\/\S*\/(?=(driver|executor)-pod-template\.json$)/g, 'DIRECTORY/'],
  ];
  const replaced = (value: unknown): unknown => {
    if (typeof value === 'string') return replacements.reduce((text, [from, to]) => text.replace(from, to), value);
    if (Array.isArray(value)) return value.map(replaced);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key, replaced((value as Record<string, unknown>)[key])]),
    );
  };
  const normal = dependents.map((object) => replaced(withReadableData(withoutNothing(object)))) as KubernetesObject[];
  const keyed = normal.map((object) => [`${object.kind}/${nameOf(object)}`, object] as const);
  return {
    pod: replaced(withoutNothing(sorted(pod))),
    order: keyed.map(([key]) => key),
    dependents: Object.fromEntries(keyed),
  };
}

const nameOf = (object: KubernetesObject | undefined): string => object?.metadata?.name ?? '';

const literally = (text: string): RegExp =>
  text === '' ? /(?!)/g : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'g');

/** Spark's client writes absent lists and maps as empty ones; an empty `emptyDir` is something. */
function withoutNothing<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutNothing(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([name, field]) => [name, withoutNothing<unknown>(field)] as const)
    .filter(([name, field]) => !isNothing(name, field));
  return Object.fromEntries(entries) as T;
}

function isNothing(name: string, value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return name !== 'emptyDir' && typeof value === 'object' && Object.keys(value).length === 0;
}

function sorted(pod: Pod): Pod {
  const { containers = [], volumes = [], ...spec } = pod.spec ?? {};
  const localDirs = containers
    .flatMap(({ volumeMounts = [] }) => volumeMounts)
    .filter(({ name }) => name.startsWith('spark-local-dir-'))
    .map(({ mountPath }) => mountPath)
    .sort();
  return {
    ...pod,
    spec: {
      ...spec,
      volumes: byName(volumes),
      containers: containers.map((container) => ({
        ...container,
        env: sortedEnv(container.env ?? [], localDirs),
        volumeMounts: byName((container.volumeMounts ?? []).map((mount) => renumbered(mount, localDirs))),
      })),
    },
  };
}

/** Spark shuffles its local directories, and so their numbers. */
function renumbered(mount: VolumeMount, localDirs: readonly string[]): VolumeMount {
  return mount.name.startsWith('spark-local-dir-')
    ? { ...mount, name: `spark-local-dir-${localDirs.indexOf(mount.mountPath) + 1}` }
    : mount;
}

/** Variables from prefixed configuration come in the order of a hash map: those between Spark's own are sorted. */
function sortedEnv(env: readonly EnvVar[], localDirs: readonly string[]): EnvVar[] {
  const result: EnvVar[] = [];
  let run: EnvVar[] = [];
  for (const variable of env) {
    if (!isSparks(variable.name)) {
      run.push(variable);
      continue;
    }
    result.push(...byName(run));
    run = [];
    result.push(variable.name === 'SPARK_LOCAL_DIRS' ? { ...variable, value: localDirs.join(',') } : variable);
  }
  return [...result, ...byName(run)];
}

const isSparks = (name: string): boolean =>
  /^(SPARK_(USER|APPLICATION_ID|DRIVER_BIND_ADDRESS|LOCAL_DIRS|CONF_DIR)|PYSPARK_.*|HADOOP_.*)$/.test(name);

const byName = <T extends { name: string }>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

/** Files inside of ConfigMaps and values of Secrets as data, so that a difference has a path. Escapes are left alone. */
function withReadableData(object: KubernetesObject): KubernetesObject {
  const { data, ...rest } = object as ConfigMap;
  if (data === undefined) return object;
  if (object.kind === 'Secret') {
    const stringData = mapValues(data, (value) => Buffer.from(value, 'base64').toString('utf8'));
    return { ...rest, stringData } as KubernetesObject;
  }
  const read = (value: string, key: string): unknown => {
    if (key === 'spark.properties') return readProperties(value);
    if (key === 'podspec-configmap-key') return JSON.parse(value);
    return value;
  };
  return { ...rest, data: mapValues(data, read) } as KubernetesObject;
}

const mapValues = <T, U>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));

// Java dates a properties file in a comment.
const DATE = /^#.*\d\d:\d\d:\d\d/;

function readProperties(file: string): Record<string, string> {
  const [comment, ...lines] = file.split('\n').filter((line) => line !== '' && !DATE.test(line));
  const properties = lines
    .map((line) => /^((?:[^\\=]|\\.)*)=(.*)$/s.exec(line) ?? [line, line, ''])
    .map(([, key, value]) => [key!, value!] as const);
  return { '#': comment!, ...Object.fromEntries(properties) };
}
