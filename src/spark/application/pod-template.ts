import type { Container, PodSpec, PodTemplate, Volume } from '../../kubernetes/objects.ts';
import type { MountedVolume } from '../driver/driver-spec.ts';
import { configMapVolume } from './config-map-volume.ts';
import { secretVolumes } from './secret-volumes.ts';
import { isLocalDirOfSpark } from './local-dir-volumes.ts';
import type { ApplicationSpec, Role, RoleSpec } from './role.ts';

/** The container of a role's pod template that runs Spark. */
export const templateContainerName = (spec: ApplicationSpec, role: Role): string =>
  spec.sparkConf?.[`spark.kubernetes.${role}.podTemplateContainerName`] ?? `spark-kubernetes-${role}`;

/**
 * The role's pod template: the user's own, with each field folded in that Spark has no configuration for, the way the
 * operator's webhook changes a finished pod: lists grow, the rest is replaced. Undefined where it would be empty.
 */
export function rolePodTemplate(spec: ApplicationSpec, role: Role): PodTemplate | undefined {
  const pod: RoleSpec = spec[role];
  const mounted = mountedVolumes(spec, role);
  const { containers = [], ...rest }: Partial<PodSpec> = pod.template?.spec ?? {};
  const added = newContainers(pod.sidecars, containers);
  const name = templateContainerName(spec, role);
  const sparkContainer = containers.find((container) => container.name === name) ?? containers[0] ?? { name };
  const container = withContainerFields(sparkContainer, spec, pod, mounted);
  const others = containers.filter((other) => other !== sparkContainer);
  const fields = withPodFields(rest, pod);
  const volumes = mounted.flatMap(({ volume }) => volume ?? []);
  const known = [...(rest.volumes ?? []), ...volumes, ...(pod.volumeMounts ?? [])];
  const inOthers = volumesOfOthers(spec, [...others, ...added, ...(fields.initContainers ?? [])], known);
  const podSpec: Omit<PodSpec, 'containers'> = {
    ...fields,
    ...appended('volumes', rest.volumes, [...volumes, ...inOthers]),
  };
  const saysNothing = Object.keys(container).length + Object.keys(podSpec).length === 1 && added.length === 0;
  if (pod.template === undefined && saysNothing) return undefined;
  return { ...pod.template, spec: { ...podSpec, containers: [container, ...others, ...added] } };
}

function withContainerFields(
  container: Container,
  spec: ApplicationSpec,
  pod: RoleSpec,
  mounted: readonly MountedVolume[],
): Container {
  const env = [
    ...(pod.env ?? []),
    ...(spec.hadoopConfigMap === undefined ? [] : [{ name: 'HADOOP_CONF_DIR', value: HADOOP_CONF_DIR }]),
    ...(spec.sparkConfigMap === undefined ? [] : [{ name: 'SPARK_CONF_DIR', value: SPARK_CONF_DIR }]),
  ];
  return {
    ...container,
    ...appended('env', container.env, env),
    ...appended('envFrom', container.envFrom, pod.envFrom),
    ...appended(
      'volumeMounts',
      container.volumeMounts,
      mounted.map(({ mount }) => mount),
    ),
    ...appended('ports', container.ports, pod.ports),
    ...(pod.securityContext && { securityContext: pod.securityContext }),
    ...(pod.lifecycle && { lifecycle: pod.lifecycle }),
    ...(pod.gpu && {
      resources: {
        ...container.resources,
        limits: { ...container.resources?.limits, [pod.gpu.name]: String(pod.gpu.quantity) },
      },
    }),
  };
}

type PodFields = Partial<Omit<PodSpec, 'containers'>>;

function withPodFields(template: PodFields, pod: RoleSpec): PodFields {
  const { priority, preemptionPolicy, ...rest } = template;
  return {
    ...rest,
    ...(pod.priorityClassName
      ? { priorityClassName: pod.priorityClassName } // the class decides over both of the others
      : { ...(priority !== undefined && { priority }), ...(preemptionPolicy && { preemptionPolicy }) }),
    ...appended('tolerations', rest.tolerations, pod.tolerations),
    ...appended('hostAliases', rest.hostAliases, pod.hostAliases),
    ...appended('initContainers', rest.initContainers, newContainers(pod.initContainers, rest.initContainers)),
    ...(pod.hostNetwork === true && { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }),
    ...(pod.dnsConfig && { dnsConfig: pod.dnsConfig }),
    ...(pod.affinity && { affinity: pod.affinity }),
    ...(pod.podSecurityContext && { securityContext: pod.podSecurityContext }),
    ...(pod.terminationGracePeriodSeconds !== undefined && {
      terminationGracePeriodSeconds: pod.terminationGracePeriodSeconds,
    }),
    ...(pod.shareProcessNamespace === true && { shareProcessNamespace: true }),
  };
}

const SPARK_CONF_DIR = '/etc/spark/conf';
const HADOOP_CONF_DIR = '/etc/hadoop/conf';

/** In the order the operator adds them. */
function mountedVolumes(spec: ApplicationSpec, role: Role): MountedVolume[] {
  const { configMaps = [], secrets, volumeMounts = [] } = spec[role];
  const seen = new Set<string>();
  const ofTheUser = volumeMounts.flatMap((mount): MountedVolume[] => {
    const volume = spec.volumes?.find(({ name }) => name === mount.name);
    const isNew = volume !== undefined && !seen.has(mount.name);
    seen.add(mount.name);
    // Spark makes its scratch volumes itself, and mounts each once.
    if (volume !== undefined && isLocalDirOfSpark(volume)) return isNew ? [] : [{ mount }];
    return [isNew ? { volume, mount } : { mount }];
  });
  return [
    ...(spec.hadoopConfigMap === undefined
      ? []
      : [configMapVolume(spec.hadoopConfigMap, HADOOP_CONF_DIR, 'hadoop-configmap-volume')]),
    ...(spec.sparkConfigMap === undefined
      ? []
      : [configMapVolume(spec.sparkConfigMap, SPARK_CONF_DIR, 'spark-configmap-volume')]),
    ...onceEach(configMaps.map(({ name, path }) => configMapVolume(name, path))),
    ...(secrets === undefined ? [] : secretVolumes(secrets)),
    ...ofTheUser,
  ];
}

/** One volume for all mounts of it. */
function onceEach(mounted: readonly MountedVolume[]): MountedVolume[] {
  const seen = new Set<string>();
  return mounted.map(({ volume, mount }) => {
    const isNew = !seen.has(mount.name);
    seen.add(mount.name);
    return { ...(isNew && volume !== undefined && { volume }), mount };
  });
}

/** The volumes of the application that only other containers than Spark's mount. */
function volumesOfOthers(
  { volumes = [] }: ApplicationSpec,
  containers: readonly Container[],
  present: readonly { readonly name: string }[],
): Volume[] {
  if (volumes.length === 0) return [];
  const known = new Set(present.map(({ name }) => name));
  const wanted = new Set(containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)));
  return [...wanted].flatMap((wantedName) =>
    known.has(wantedName) ? [] : (volumes.find(({ name }) => name === wantedName) ?? []),
  );
}

/** Those that the list does not hold already, by name and image. */
function newContainers(containers: readonly Container[] = [], present: readonly Container[] = []): Container[] {
  return containers.filter(({ name, image }) => !present.some((other) => other.name === name && other.image === image));
}

function appended<K extends string, T>(
  field: K,
  present: readonly T[] | undefined,
  added: readonly T[] = [],
): { [P in K]?: T[] } {
  return added.length === 0 ? {} : ({ [field]: [...(present ?? []), ...added] } as { [P in K]?: T[] });
}
