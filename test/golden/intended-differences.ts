import type { Difference } from './differences.ts';

/** Where our objects differ from Spark's on purpose. */
export interface IntendedDifference {
  /** JSON pointer; `*` stands for one segment of any name. */
  readonly path: string;
  readonly reason: string;
  /** Where given, it is intended only with these values. */
  readonly only?: (difference: Difference) => boolean;
}

const added = ({ spark }: Difference): boolean => spark === undefined;
const missing = ({ ours }: Difference): boolean => ours === undefined;

export const intendedDifferences: readonly IntendedDifference[] = [
  {
    path: '/pod/metadata/namespace',
    reason: 'Spark names the namespace only in the URL; an object of ours says where it belongs.',
    only: added,
  },
  {
    path: '/dependents/*/metadata/namespace',
    reason: 'Spark names the namespace only in the URL; an object of ours says where it belongs.',
    only: added,
  },
  {
    path: '/pod/metadata/labels/temporal-spark~1submission-id',
    reason: 'Objects are found, adopted and cleaned up by the attempt they belong to.',
    only: added,
  },
  {
    path: '/dependents/*/metadata/labels',
    reason: 'Objects are found and cleaned up by the attempt they belong to.',
    only: added,
  },
  {
    path: '/dependents/*/metadata/labels/temporal-spark~1submission-id',
    reason: 'Objects are found and cleaned up by the attempt they belong to.',
    only: added,
  },
  {
    path: '/pod/metadata/annotations',
    reason: 'The pod names the workflow that owns it.',
    only: added,
  },
  {
    path: '/pod/metadata/annotations/temporal-spark~1workflow-id',
    reason: 'The pod names the workflow that owns it.',
    only: added,
  },
  {
    path: '/pod/metadata/finalizers',
    reason: "The driver's end is in the workflow's history before the pod may vanish.",
    only: added,
  },
  {
    path: '/pod/metadata/finalizers/*',
    reason: "The driver's end is in the workflow's history before the pod may vanish.",
    only: added,
  },
  {
    path: '/pod/spec/containers/*/terminationMessagePolicy',
    reason: 'The end of the log outlives the container, in the status.',
    only: added,
  },
  {
    path: '/pod/spec/enableServiceLinks',
    reason: 'A namespace with many services must not flood the environment of a driver.',
    only: added,
  },
  {
    path: '/dependents/ConfigMap~1CONF_MAP/data/spark.properties/spark.kubernetes.driver.annotateExitException',
    reason: 'The exception that ended the driver outlives it, as an annotation.',
    only: added,
  },
  {
    path: '/dependents/ConfigMap~1CONF_MAP/data/spark.properties/spark.kubernetes.driver.podTemplateFile',
    reason: "A path on the submitter's disk, of no use to the driver.",
    only: missing,
  },
  {
    path: '/pod/spec/containers/0/ports/1/containerPort',
    reason:
      'With spark.blockManager.port Spark declares that port on the pod, but makes the driver and its service use the default one; we declare what is used.',
    only: ({ spark, ours }) => spark === 7777 && ours === 7079,
  },
];

const addedProperty = (key: string, value: string, reason: string): IntendedDifference => ({
  path: `/dependents/ConfigMap~1CONF_MAP/data/spark.properties/${key}`,
  reason,
  only: (difference) => added(difference) && difference.ours === value,
});

const DEFAULT = "Spark's own default: a manifest says aloud what it means.";
const IMAGE = 'The image that Spark takes for this role anyway: a manifest names it for each.';
const CONTAINER = "The name that Spark gives its container anyway, so that a template's container can be told by it.";

/** And where a command line, become a manifest, says more than it said. */
export const intendedOfTheFrontDoor: readonly IntendedDifference[] = [
  addedProperty('spark.driver.cores', '1', DEFAULT),
  addedProperty('spark.driver.memory', '1g', DEFAULT),
  addedProperty('spark.executor.cores', '1', DEFAULT),
  addedProperty('spark.executor.memory', '1g', DEFAULT),
  addedProperty('spark.executor.instances', '2', DEFAULT),
  addedProperty('spark.kubernetes.driver.container.image', 'spark\\:test', IMAGE),
  addedProperty('spark.kubernetes.executor.container.image', 'spark\\:test', IMAGE),
  addedProperty('spark.kubernetes.driver.podTemplateContainerName', 'spark-kubernetes-driver', CONTAINER),
  addedProperty('spark.kubernetes.executor.podTemplateContainerName', 'spark-kubernetes-executor', CONTAINER),
];

export function isIntended(difference: Difference, intended: IntendedDifference): boolean {
  const pattern = intended.path.split('/');
  const path = difference.path.split('/');
  const matches =
    path.length === pattern.length && pattern.every((segment, index) => segment === '*' || segment === path[index]);
  return matches && (intended.only?.(difference) ?? true);
}
