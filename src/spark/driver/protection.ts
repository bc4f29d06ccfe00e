import type { KubernetesObject } from '../../kubernetes/objects.ts';
import type { SubmissionIdentity } from '../../protocol/submission-identity.ts';
import type { SparkConf } from '../spark-conf.ts';
import { addToContainer, addToPod, type DriverSpec } from './driver-spec.ts';
import type { SparkVersionRules } from '../spark-version.ts';

/**
 * What we add to Spark's own driver, so that its outcome is never lost; each only where the user has not set it:
 * - the identity's labels, annotations and finalizers;
 * - `terminationMessagePolicy: FallbackToLogsOnError`: the end of the log outlives the container;
 * - `enableServiceLinks: false`: a namespace with many services must not flood the environment;
 * - and by `protectionConf`, with Spark >= 4.1, the exception that ended the driver as an annotation of its pod.
 */
export function protectDriver(driver: DriverSpec, identity: SubmissionIdentity): DriverSpec {
  const annotations = { ...driver.metadata.annotations, ...identity.annotations };
  const finalizers = [...new Set([...(driver.metadata.finalizers ?? []), ...identity.finalizers])];
  const labelled: DriverSpec = {
    ...driver,
    metadata: {
      ...driver.metadata,
      labels: { ...driver.metadata.labels, ...identity.labels },
      ...(Object.keys(annotations).length > 0 && { annotations }),
      ...(finalizers.length > 0 && { finalizers }),
    },
    dependents: driver.dependents.map((dependent) => withLabels(dependent, identity.labels)),
  };
  return addToPod(
    addToContainer(labelled, {
      terminationMessagePolicy: driver.container.terminationMessagePolicy ?? 'FallbackToLogsOnError',
    }),
    { enableServiceLinks: driver.pod.enableServiceLinks ?? false },
  );
}

/** Configuration that the user's own overrides. */
export function protectionConf(rules: SparkVersionRules): SparkConf {
  return rules.exitException ? { 'spark.kubernetes.driver.annotateExitException': 'true' } : {};
}

/** The object with these labels over its own. */
export const withLabels = <T extends KubernetesObject>(object: T, labels: Readonly<Record<string, string>>): T => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata?.labels, ...labels } },
});
