import { ownerReferencesOf } from '../../spark/driver/protection.ts';
import type { SubmissionIdentity } from '../../spark/index.ts';
import { present } from '../../validation/present.ts';
import { differences, escaped, type Difference } from './differences.ts';

/** Where our objects differ from Spark's on purpose. */
export interface IntendedDifference {
  /** JSON pointer; `*` stands for one segment of any name. */
  readonly path: string;
  readonly reason: string;
  /** Where given, it is intended only with these values. */
  readonly only?: (difference: Difference) => boolean;
}

/** Spark has nothing there, and we exactly this. */
const addedAs =
  (value: unknown) =>
  ({ from, to }: Difference): boolean =>
    from === undefined && to !== undefined && differences(value, to).length === 0;

const NAMESPACE = 'Spark names the namespace only in the URL; our objects name it themselves.';
const FOUND = 'Objects are found, adopted and cleaned up by the attempt they belong to.';
const OWNED = 'The pod names the workflow that owns it.';
const PROTECTED = "The driver's end is in the workflow's history before the pod may vanish.";
const RESOURCE = 'The API server deletes the driver with the SparkApplication resource that it belongs to.';
const PROPERTIES = '/dependents/ConfigMap~1CONF_MAP/data/spark.properties';

const isMaster = (value: unknown): boolean => typeof value === 'string' && value.startsWith('k8s\\://');

/** What we add to each object of an attempt, and the few things that we make otherwise than Spark. */
export function intendedDifferences(
  {
    labels,
    annotations,
    finalizers,
    owner,
  }: Pick<SubmissionIdentity, 'labels' | 'annotations' | 'finalizers' | 'owner'>,
  namespace: string,
): readonly IntendedDifference[] {
  const each = (path: string, entries: Readonly<Record<string, string>>, reason: string): IntendedDifference[] =>
    Object.entries(entries).map(([key, value]) => ({ path: `${path}/${escaped(key)}`, reason, only: addedAs(value) }));
  return [
    { path: '/pod/metadata/namespace', reason: NAMESPACE, only: addedAs(namespace) },
    { path: '/dependents/*/metadata/namespace', reason: NAMESPACE, only: addedAs(namespace) },
    ...each('/pod/metadata/labels', labels, FOUND),
    // Where Spark has a map or a list, what we add to it is a difference of its own; where it has none, the whole is.
    { path: '/dependents/*/metadata/labels', reason: FOUND, only: addedAs(labels) },
    ...each('/dependents/*/metadata/labels', labels, FOUND),
    { path: '/pod/metadata/annotations', reason: OWNED, only: addedAs(annotations) },
    ...each('/pod/metadata/annotations', annotations, OWNED),
    { path: '/pod/metadata/finalizers', reason: PROTECTED, only: addedAs(finalizers) },
    ...finalizers.map((finalizer) => ({
      path: '/pod/metadata/finalizers/*',
      reason: PROTECTED,
      only: addedAs(finalizer),
    })),
    ...Object.values(ownerReferencesOf(present({ owner }))).map((references) => ({
      path: '/pod/metadata/ownerReferences',
      reason: RESOURCE,
      only: addedAs(references),
    })),
    {
      path: '/pod/spec/containers/*/terminationMessagePolicy',
      reason: 'The end of the log outlives the container, in the status.',
      only: addedAs('FallbackToLogsOnError'),
    },
    {
      path: '/pod/spec/enableServiceLinks',
      reason: 'A namespace with many services must not flood the environment of a driver.',
      only: addedAs(false),
    },
    {
      path: `${PROPERTIES}/spark.kubernetes.driver.annotateExitException`,
      reason: 'The exception that ended the driver outlives it, as an annotation.',
      only: addedAs('true'),
    },
    {
      path: `${PROPERTIES}/spark.master`,
      reason: 'Spark writes the address by which the submitting machine reaches the API server; we that of every pod.',
      only: ({ from, to }) => isMaster(from) && isMaster(to),
    },
    {
      path: `${PROPERTIES}/spark.app.submitTime`,
      reason: 'The moment of the submission: two of them have two.',
      only: ({ from, to }) => from !== undefined && to !== undefined,
    },
    {
      path: `${PROPERTIES}/spark.kubernetes.submission.waitAppCompletion`,
      reason: 'Makes spark-submit not wait for the end; no driver reads it.',
      only: ({ from, to }) => from === 'false' && to === undefined,
    },
    {
      path: `${PROPERTIES}/spark.kubernetes.driver.podTemplateFile`,
      reason: "A path on the submitter's disk, of no use to the driver.",
      only: ({ to }) => to === undefined,
    },
    {
      path: '/pod/spec/containers/*/ports/1/containerPort',
      reason:
        'With spark.blockManager.port Spark declares that port on the pod, but makes the driver and its service use the default one; we declare what is used.',
      only: ({ from, to }) => typeof from === 'number' && to === 7079,
    },
  ];
}

export function isIntended(difference: Difference, intended: IntendedDifference): boolean {
  const pattern = intended.path.split('/');
  const path = difference.path.split('/');
  const matches =
    path.length === pattern.length && pattern.every((segment, index) => segment === '*' || segment === path[index]);
  return matches && (intended.only?.(difference) ?? true);
}
