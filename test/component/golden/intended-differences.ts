import {
  intendedDifferences as intendedOf,
  type Difference,
  type IntendedDifference,
} from '../../../src/submitters/compare/index.ts';
import type { SubmissionIdentity } from '../../../src/spark/index.ts';
import { identity } from './build.ts';

const NAMESPACE = 'analytics';

/** Where what we make of a scenario differs from what Spark does, on purpose. */
export const intendedDifferences: readonly IntendedDifference[] = intendedOf(identity, NAMESPACE);

const PROPERTIES = '/dependents/ConfigMap~1CONF_MAP/data/spark.properties';

const addedProperty = (key: string, value: string, reason: string): IntendedDifference => ({
  path: `${PROPERTIES}/${key}`,
  reason,
  only: ({ from, to }) => from === undefined && to === value,
});

const DEFAULT = "Spark's own default: a manifest sets it explicitly.";
const IMAGE = 'The image that Spark takes for this role anyway: a manifest names it for each.';
const CONTAINER =
  "The name that Spark gives its container anyway, so that a template's container can be matched by it.";

/** And where the manifest of a command line is more explicit than the command line. */
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

const DRIVER_NAME = 'An application has one driver at a time, named after it: a second start is refused.';

/** And where a dry run prints what would be made, under an identity of its own. */
export const intendedOfADryRun = (printed: SubmissionIdentity): readonly IntendedDifference[] => [
  // The command line itself sets not to wait.
  ...intendedOf(printed, NAMESPACE).filter(({ path }) => !path.endsWith('waitAppCompletion')),
  ...intendedOfTheFrontDoor,
  { path: '/pod/metadata/name', reason: DRIVER_NAME, only: isDriverName(printed) },
  { path: `${PROPERTIES}/spark.kubernetes.driver.pod.name`, reason: DRIVER_NAME, only: isDriverName(printed) },
  {
    path: '/dependents/*/metadata/ownerReferences',
    reason: 'Objects are owned by the pod, by its UID; one that is not created has none.',
    only: ({ to }) => to === undefined,
  },
  ...Object.entries(printed.labels).map(([label, value]) =>
    addedProperty(`spark.kubernetes.executor.label.${label.replaceAll('/', '~1')}`, value, EXECUTORS),
  ),
];

const EXECUTORS = 'Executors are counted, and found when something is left behind, by the labels of their attempt.';

const isDriverName =
  ({ driverPodName }: SubmissionIdentity) =>
  ({ from, to }: Difference): boolean =>
    from === 'PREFIX-driver' && to === driverPodName;
