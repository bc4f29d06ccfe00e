import type { CheckedSpec } from './spark-application-spec.ts';
import { present } from '../validation/present.ts';

type Written<K extends keyof CheckedSpec> = NonNullable<CheckedSpec[K]>;

/** The restart policy with its type, and its intervals (seconds) wherever restarts are possible. */
export type RestartPolicy = Omit<Written<'restartPolicy'>, 'type'> & { type: 'Never' | 'Always' | 'OnFailure' };

/** `spec` of a SparkApplication with the defaults of the operator's webhook applied, but for sizes. */
export type SparkApplicationSpec = Omit<CheckedSpec, 'type' | 'mode' | 'restartPolicy'> & {
  type: Written<'type'>;
  mode: 'cluster';
  restartPolicy: RestartPolicy;
};

const RETRY_INTERVAL_SECONDS = 5;

/**
 * Fills in what the operator's webhook would: type Scala, mode cluster, restartPolicy Never (intervals of 5 s
 * otherwise), shuffle tracking with dynamic allocation. Sizes are left to `withSizes`, so that what a manifest leaves out
 * stays out of it until an attempt is submitted.
 */
export function withDefaults(spec: CheckedSpec): SparkApplicationSpec {
  const { dynamicAllocation } = spec;
  return {
    ...spec,
    type: spec.type ?? 'Scala',
    mode: 'cluster',
    restartPolicy: restartPolicyWithDefaults(spec.restartPolicy ?? {}),
    ...(dynamicAllocation?.enabled === true
      ? { dynamicAllocation: { shuffleTrackingEnabled: true, ...dynamicAllocation } }
      : {}),
  };
}

/**
 * Fills in the sizes that the operator's webhook would: one core and 1g for each role and one executor, unless sparkConf
 * or dynamic allocation sets them.
 *
 * One difference: the webhook looks for dynamic allocation in sparkConf under a misspelled key
 * (`spark.dynamicallocation.enabled`), and so pins such applications to one executor at first. Here the key is
 * Spark's own.
 */
export function withSizes(spec: SparkApplicationSpec): SparkApplicationSpec {
  const conf = spec.sparkConf ?? {};
  const { dynamicAllocation } = spec;
  const dynamic = dynamicAllocation
    ? dynamicAllocation.enabled === true
    : isTrue(conf['spark.dynamicAllocation.enabled']);
  const instances = spec.executor.instances ?? (dynamic || conf['spark.executor.instances'] ? undefined : 1);
  return {
    ...spec,
    driver: { ...spec.driver, ...sizeDefaults(spec.driver, conf, 'driver') },
    executor: { ...spec.executor, ...sizeDefaults(spec.executor, conf, 'executor'), ...present({ instances }) },
  };
}

function restartPolicyWithDefaults(policy: Written<'restartPolicy'>): RestartPolicy {
  const type = policy.type ?? 'Never';
  if (type === 'Never') return { ...policy, type };
  return {
    onFailureRetryInterval: RETRY_INTERVAL_SECONDS,
    onSubmissionFailureRetryInterval: RETRY_INTERVAL_SECONDS,
    ...policy,
    type,
  };
}

function sizeDefaults(
  role: { cores?: number; memory?: string },
  conf: Readonly<Record<string, string>>,
  name: 'driver' | 'executor',
): { cores?: number; memory?: string } {
  const cores = role.cores ?? (Object.hasOwn(conf, `spark.${name}.cores`) ? undefined : 1);
  const memory = role.memory ?? (Object.hasOwn(conf, `spark.${name}.memory`) ? undefined : '1g');
  return present({ cores, memory });
}

function isTrue(value: string | undefined): boolean {
  return value?.trim().toLowerCase() === 'true';
}
