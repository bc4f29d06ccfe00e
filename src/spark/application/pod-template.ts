import type { Container, PodSpec, PodTemplate } from '../../kubernetes/objects.ts';
import type { MountedVolume } from '../driver/driver-spec.ts';
import { configMapVolume } from './config-map-volume.ts';
import { isLocalDirOfSpark } from './local-dir-volumes.ts';
import { templateContainerName, type ApplicationSpec, type Role, type RoleSpec } from './role.ts';

/**
 * The role's pod template: the user's own, with each field folded in that Spark has no configuration for, the way the
 * operator's webhook changes a finished pod: lists grow, the rest is replaced. Undefined where it would be empty.
 */
export function rolePodTemplate(spec: ApplicationSpec, role: Role): PodTemplate | undefined {
  const pod: RoleSpec = spec[role];
  const mounted = mountedVolumes(spec, role);
  const { containers = [], ...rest }: Partial<PodSpec> = pod.template?.spec ?? {};
  const name = templateContainerName(spec, role);
  const sparkContainer = containers.find((container) => container.name === name) ?? containers[0] ?? { name };
  const container = withContainerFields(sparkContainer, spec, pod, mounted);
  const others = containers.filter((other) => other !== sparkContainer);
  const podSpec: Omit<PodSpec, 'containers'> = {
    ...withPodFields(rest, pod),
    ...appended(
      'volumes',
      rest.volumes,
      mounted.flatMap(({ volume }) => volume ?? []),
    ),
  };
  const added = newContainers(pod.sidecars, containers);
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
  const { configMaps = [], volumeMounts = [] } = spec[role];
  const seen = new Set<string>();
  const ofTheUser = volumeMounts.flatMap((mount): MountedVolume[] => {
    const volume = spec.volumes?.find(({ name }) => name === mount.name);
    if (volume !== undefined && isLocalDirOfSpark(volume)) return [];
    const isNew = volume !== undefined && !seen.has(mount.name);
    seen.add(mount.name);
    return [isNew ? { volume, mount } : { mount }];
  });
  return [
    ...(spec.hadoopConfigMap === undefined
      ? []
      : [configMapVolume(spec.hadoopConfigMap, HADOOP_CONF_DIR, 'hadoop-configmap-volume')]),
    ...(spec.sparkConfigMap === undefined
      ? []
      : [configMapVolume(spec.sparkConfigMap, SPARK_CONF_DIR, 'spark-configmap-volume')]),
    ...configMaps.map(({ name, path }) => configMapVolume(name, path)),
    ...ofTheUser,
  ];
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
