import type { Container, PodSpec, Volume } from '../../kubernetes/objects.ts';
import type { DriverObjects } from './build-driver-objects.ts';

/** What another pod needs to find what the driver finds: nodes, image, credentials, configuration and volumes. */
export interface DriverSurroundings {
  readonly spec: Partial<Pick<PodSpec, (typeof OF_THE_POD)[number]>>;
  /** Of the container that runs Spark; it mounts these volumes only. */
  readonly container: Partial<Container>;
  readonly volumes: readonly Volume[];
}

const OF_THE_POD = [
  'serviceAccountName',
  'nodeSelector',
  'tolerations',
  'affinity',
  'priorityClassName',
  'runtimeClassName',
  'securityContext',
  'imagePullSecrets',
  'hostAliases',
  'dnsPolicy',
  'dnsConfig',
] as const satisfies readonly (keyof PodSpec)[];

/**
 * The surroundings of a driver, without the volumes that are created with it.
 *
 * @param isWanted which of the other volumes. @default all
 */
export function surroundingsOf(
  { pod: { spec }, dependents }: DriverObjects,
  isWanted: (volume: Volume) => boolean = () => true,
): DriverSurroundings {
  const driver = spec!.containers.at(-1)!;
  const made = dependents.map(({ metadata }) => JSON.stringify(metadata!.name!));
  const isMade = (volume: Volume): boolean => {
    const text = JSON.stringify(volume);
    return made.some((name) => text.includes(name));
  };
  const volumes = (spec!.volumes ?? []).filter((volume) => isWanted(volume) && !isMade(volume));
  const names = new Set(volumes.map(({ name }) => name));
  const container: Partial<Container> = {
    ...chosen(driver, ['command', 'env', 'envFrom', 'securityContext', 'imagePullPolicy']),
    volumeMounts: (driver.volumeMounts ?? []).filter(({ name }) => names.has(name)),
    image: driver.image!,
  };
  return { spec: chosen(spec!, OF_THE_POD), container, volumes };
}

/** Some fields of an object, those that it has. */
export function chosen<T extends object, K extends keyof T>(object: T, keys: readonly K[]): Partial<Pick<T, K>> {
  return Object.fromEntries(keys.flatMap((key) => (object[key] === undefined ? [] : [[key, object[key]]]))) as Partial<
    Pick<T, K>
  >;
}
