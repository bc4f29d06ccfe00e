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

export const affinity = whole<Affinity>();
export const toleration = whole<Toleration>();
export const podSecurityContext = whole<PodSecurityContext>();
export const securityContext = whole<SecurityContext>();
export const lifecycle = whole<Lifecycle>();
export const envFromSource = whole<EnvFromSource>();
export const podDnsConfig = whole<PodDnsConfig>();
export const hostAlias = whole<HostAlias>({ ip: z.string(), hostnames: z.array(z.string()).exactOptional() });
export const volume = whole<Volume>({ name });
export const volumeMount = whole<VolumeMount>({ name, mountPath: z.string().min(1) });
export const container = whole<Container>({ name });
export const envVar = whole<EnvVar>({
  name,
  value: z.string().exactOptional(),
  valueFrom: z.looseObject({}).exactOptional(),
});

export const podTemplate = whole<PodTemplate>({
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
