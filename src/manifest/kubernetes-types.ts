/**
 * Kubernetes' own types inside a manifest. They are accepted whole, because the API server is their judge and knows
 * more versions of them than we do; only the shape that we walk ourselves is checked.
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
type Whole<T> = z.ZodType<T, T>;

const whole = <T extends object>(shape: z.ZodRawShape = {}): Whole<T> => z.looseObject(shape) as unknown as Whole<T>;
const name = z.string().min(1);

export const affinity: Whole<Affinity> = whole();
export const toleration: Whole<Toleration> = whole();
export const podSecurityContext: Whole<PodSecurityContext> = whole();
export const securityContext: Whole<SecurityContext> = whole();
export const lifecycle: Whole<Lifecycle> = whole();
export const envFromSource: Whole<EnvFromSource> = whole();
export const podDnsConfig: Whole<PodDnsConfig> = whole();
export const hostAlias: Whole<HostAlias> = whole({ ip: z.string(), hostnames: z.array(z.string()).exactOptional() });
export const volume: Whole<Volume> = whole({ name });
export const volumeMount: Whole<VolumeMount> = whole({ name, mountPath: z.string().min(1) });
export const container: Whole<Container> = whole({ name });
export const envVar: Whole<EnvVar> = whole({
  name,
  value: z.string().exactOptional(),
  valueFrom: z.looseObject({}).exactOptional(),
});

export const podTemplate: Whole<PodTemplate> = whole({
  metadata: z
    .looseObject({
      labels: z.record(z.string(), z.string()).exactOptional(),
      annotations: z.record(z.string(), z.string()).exactOptional(),
    })
    .exactOptional(),
  spec: z
    .looseObject({
      // Spark names its own container where the template doesn't.
      containers: z.array(whole<Container>({ name: name.exactOptional() })).exactOptional(),
      initContainers: z.array(container).exactOptional(),
      volumes: z.array(volume).exactOptional(),
    })
    .exactOptional(),
});
