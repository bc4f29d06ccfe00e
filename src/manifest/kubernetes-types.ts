/**
 * Kubernetes' own types inside a manifest. All fields are accepted, because the API server validates them and knows
 * more versions of them than we do; only the fields that we read ourselves are checked.
 *
 * @module
 */
import type { Container, EnvVar, PodSpec, PodTemplate, Volume, VolumeMount } from '../kubernetes/objects.ts';
import * as z from 'zod';

type In<T> = T extends (infer U)[] ? U : never;
type Optional<K extends keyof PodSpec> = NonNullable<PodSpec[K]>;

export type Affinity = Optional<'affinity'>;
export type Toleration = In<Optional<'tolerations'>>;
export type PodSecurityContext = Optional<'securityContext'>;
export type SecurityContext = NonNullable<Container['securityContext']>;
export type Lifecycle = NonNullable<Container['lifecycle']>;
export type EnvFromSource = In<NonNullable<Container['envFrom']>>;
export type PodDnsConfig = Optional<'dnsConfig'>;
export type HostAlias = In<Optional<'hostAliases'>>;

/** The input is the output: nothing inside is changed. */
type Unchanged<T> = z.ZodType<T, T>;

const open = <T extends object>(shape: z.ZodRawShape = {}): Unchanged<T> =>
  z.looseObject(shape) as unknown as Unchanged<T>;
const name = z.string().min(1);

export const affinity: Unchanged<Affinity> = open();
export const toleration: Unchanged<Toleration> = open();
export const podSecurityContext: Unchanged<PodSecurityContext> = open();
export const securityContext: Unchanged<SecurityContext> = open();
export const lifecycle: Unchanged<Lifecycle> = open();
export const envFromSource: Unchanged<EnvFromSource> = open();
export const podDnsConfig: Unchanged<PodDnsConfig> = open();
export const hostAlias: Unchanged<HostAlias> = open({ ip: z.string(), hostnames: z.array(z.string()).exactOptional() });
export const volume: Unchanged<Volume> = open({ name });
export const volumeMount: Unchanged<VolumeMount> = open({ name, mountPath: z.string().min(1) });
export const container: Unchanged<Container> = open({ name });
export const envVar: Unchanged<EnvVar> = open({
  name,
  value: z.string().exactOptional(),
  valueFrom: z.looseObject({}).exactOptional(),
});

export const podTemplate: Unchanged<PodTemplate> = open({
  metadata: z
    .looseObject({
      labels: z.record(z.string(), z.string()).exactOptional(),
      annotations: z.record(z.string(), z.string()).exactOptional(),
    })
    .exactOptional(),
  spec: z
    .looseObject({
      // Spark names its own container where the template does not.
      containers: z.array(open<Container>({ name: name.exactOptional() })).exactOptional(),
      initContainers: z.array(container).exactOptional(),
      volumes: z.array(volume).exactOptional(),
    })
    .exactOptional(),
});
