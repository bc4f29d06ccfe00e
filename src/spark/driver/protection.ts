import type { KubernetesObject, OwnerReference } from '../../kubernetes/objects.ts';
import { API_VERSION } from '../../manifest/index.ts';
import type { SubmissionIdentity } from '../../protocol/submission-identity.ts';
import type { SparkConf } from '../spark-conf.ts';
import { addToContainer, addToPod, type DriverSpec } from './driver-spec.ts';
import type { SparkVersionRules } from '../spark-version.ts';

/**
 * What we add to Spark's own driver, so that its outcome is never lost; each only where the user has not set it:
 * - the identity's labels, annotations, finalizers and owner;
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
      ...ownerReferencesOf(identity),
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

/** The resource that the API server deletes the driver with, where there is one. */
export function ownerReferencesOf({ owner }: Pick<SubmissionIdentity, 'owner'>): {
  readonly ownerReferences?: OwnerReference[];
} {
  if (owner === undefined) return {};
  const reference = { apiVersion: API_VERSION, kind: 'SparkApplication', name: owner.name, uid: owner.uid };
  return { ownerReferences: [{ ...reference, controller: true, blockOwnerDeletion: true }] };
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
