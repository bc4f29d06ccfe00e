import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ConfigMap, Container, KubernetesObject, Pod } from '../kubernetes/objects.ts';
import type { DriverObjects } from '../spark/index.ts';
import { writeProperties } from '../spark/driver/write-properties.ts';
import { readJavaProperties } from '../spark/spark-submit-cli/java-properties.ts';
import type { SubmissionRequest } from './contract.ts';

const PROPERTIES = 'spark.properties';
const PROPERTIES_FLAG = '--properties-file';

/** A driver's ConfigMaps in a form that drivers of the same configuration can share. */
export interface SharedConfiguration {
  /** The same for those that can share it: a hash of its content. */
  readonly key: string;
  /** Named as if the driver had them alone; labelled with nothing of the driver. */
  readonly configMaps: readonly ConfigMap[];
  /** What remains the driver's own, and goes onto its command line. */
  readonly ownConf: Readonly<Record<string, string>>;
}

/** What names an attempt, and so differs between applications that are the same otherwise. Nothing of it is secret. */
const OWN_KEYS: ReadonlySet<string> = new Set([
  'spark.app.id',
  'spark.app.name',
  'spark.app.submitTime',
  'spark.driver.host',
  'spark.kubernetes.driver.pod.name',
]);
const EXECUTOR_LABEL = 'spark.kubernetes.executor.label.';

/**
 * A driver's ConfigMaps without the Spark properties that name its attempt, which become its own. Anything else about
 * the application stays in the ConfigMap, and prevents sharing: a command line is read by more people than a ConfigMap.
 * Undefined where there is nothing to share.
 */
export function sharedConfiguration(
  { pod, dependents }: DriverObjects,
  { identity }: SubmissionRequest,
): SharedConfiguration | undefined {
  if (driverContainerIndex(pod) === -1) return undefined;
  const isOwn = (key: string): boolean =>
    OWN_KEYS.has(key) ||
    (key.startsWith(EXECUTOR_LABEL) && Object.hasOwn(identity.labels, key.slice(EXECUTOR_LABEL.length)));
  let ownConf: Record<string, string> = {};
  const configMaps = dependents.filter(isConfigMap).map((configMap): ConfigMap => {
    const { name, namespace } = configMap.metadata!;
    const shared = { ...configMap, metadata: { name: name!, namespace: namespace! } };
    const file = configMap.data?.[PROPERTIES];
    if (file === undefined) return shared;
    const entries = [...readJavaProperties(file)];
    ownConf = { ...ownConf, ...Object.fromEntries(entries.filter(([key]) => isOwn(key))) };
    const common = Object.fromEntries(entries.filter(([key]) => !isOwn(key)));
    const comment = 'Of several applications; the rest is in the arguments of their drivers';
    return { ...shared, data: { ...configMap.data, [PROPERTIES]: writeProperties(common, comment) } };
  });
  if (configMaps.length === 0) return undefined;
  const content = configMaps.map(({ metadata, data, binaryData }) => [metadata!.namespace, data, binaryData]);
  return { key: hashOf(content), configMaps, ownConf };
}

/** What these are called once several drivers share them: by their content, so that a name never stands for another. */
export function sharedNames({ configMaps }: SharedConfiguration): string[] {
  return configMaps.map((configMap) => `${configMap.metadata!.name}-shared-${contentHash(configMap)}`);
}

/** Whether a ConfigMap has the content that its name stands for. */
export function isNamedByContent(configMap: ConfigMap): boolean {
  return configMap.metadata!.name!.endsWith(`-shared-${contentHash(configMap)}`);
}

/** Of the keys in their order: an API server may have them in another. */
function contentHash({ data = {}, binaryData = {} }: ConfigMap): string {
  const sorted = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
  return hashOf([sorted(data), sorted(binaryData)]).slice(0, 16);
}

function hashOf(content: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(content))));
}

/** The driver's objects where it uses ConfigMaps that it shares, under these names, in the order of `configMaps`. */
export function withSharedConfiguration(
  { pod, dependents }: DriverObjects,
  { configMaps, ownConf }: SharedConfiguration,
  names: readonly string[],
): DriverObjects {
  const renamed = new Map(configMaps.map(({ metadata }, index) => [metadata!.name!, names[index]!]));
  const { containers, volumes = [], ...spec } = pod.spec!;
  const driver = driverContainerIndex(pod);
  return {
    pod: {
      ...pod,
      spec: {
        ...spec,
        containers: containers.with(driver, withOwnConf(containers[driver]!, ownConf)),
        volumes: volumes.map((volume) => {
          const name = renamed.get(volume.configMap?.name ?? '');
          return name === undefined ? volume : { ...volume, configMap: { ...volume.configMap, name } };
        }),
      },
    },
    dependents: dependents.filter((object) => !isConfigMap(object) || !renamed.has(object.metadata!.name!)),
  };
}

/** The ConfigMaps under these names, in this order. */
export function namedConfigMaps({ configMaps }: SharedConfiguration, names: readonly string[]): ConfigMap[] {
  return configMaps.map((configMap, index) => ({
    ...configMap,
    metadata: { ...configMap.metadata, name: names[index]! },
  }));
}

/** Under which names a driver that exists looks for these ConfigMaps. */
export function configMapNamesIn(existing: Pod, built: Pod, { configMaps }: SharedConfiguration): string[] {
  return configMaps.map(({ metadata }) => {
    const name = metadata!.name!;
    const volume = built.spec!.volumes!.find(({ configMap }) => configMap?.name === name);
    return existing.spec?.volumes?.find((each) => each.name === volume?.name)?.configMap?.name ?? name;
  });
}

function withOwnConf(container: Container, ownConf: Readonly<Record<string, string>>): Container {
  const args = container.args!;
  const after = args.indexOf(PROPERTIES_FLAG) + 2;
  // Kubernetes expands $(VARIABLE) in arguments, and takes $$ for $.
  const own = Object.entries(ownConf).flatMap(([key, value]) => [
    '--conf',
    `${key}=${value}`.replaceAll('$', () => '$$'),
  ]);
  return { ...container, args: [...args.slice(0, after), ...own, ...args.slice(after)] };
}

function driverContainerIndex({ spec }: Pod): number {
  return spec?.containers.findLastIndex(({ args }) => args?.includes(PROPERTIES_FLAG)) ?? -1;
}

function isConfigMap(object: KubernetesObject): object is ConfigMap {
  return object.kind === 'ConfigMap';
}
