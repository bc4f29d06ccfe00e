import type { SparkApplication } from '../manifest/spark-application.ts';
import type { FoundProblem } from '../validation/problem.ts';
import { present } from '../validation/present.ts';

/** Configuration that becomes variables and paths of a container, in which the kubelet expands `$(NAME)`. */
const EXPANDED =
  /^spark\.(?:kubernetes\.driverEnv\.|executorEnv\.|executor\.(?:extra|default)JavaOptions$|kubernetes\.(?:driver|executor)\.volumes\..{1,500}\.mount\.subPathExpr$)/;
/** Metadata of pods, whose readers expand what they like, and whose rules are those of the API server. */
const METADATA = /^spark\.kubernetes\.(?:driver|executor)\.(?:annotation|label)\./;
const VARIABLE = /\$\([A-Za-z_][\w.-]{0,99}\)/;
const HADOOP = 'spark.hadoop.';
const LISTS_OF_DEPENDENCIES = [
  ...(['jars', 'files', 'pyFiles', 'archives'] as const),
  ...(['packages', 'excludePackages', 'repositories'] as const),
];
const DYNAMIC = 'spark.dynamicAllocation.enabled';

/** What Spark takes without a word and ignores: an application with it does not do what its author wants. */
export function findWithoutEffect({ spec }: SparkApplication): FoundProblem[] {
  return [
    ...Object.entries(spec.sparkConf ?? {}).flatMap(([key, value]) => [
      ...ignoredKey(key),
      ...(EXPANDED.test(key) || METADATA.test(key)
        ? []
        : unexpanded(['spec', 'sparkConf', key], value, expansionOf(key))),
    ]),
    ...Object.entries(spec.hadoopConf ?? {}).flatMap(([key, value]) => [
      ...twicePrefixed(key),
      ...unexpanded(['spec', 'hadoopConf', key], value, byHadoop),
    ]),
    ...unexpandedDependencies(spec),
    ...unexpanded(['spec', 'driver', 'javaOptions'], spec.driver.javaOptions ?? '', inEnvironment),
    ...contradicted(spec),
    ...repeatedVolumes(spec),
  ];
}

function unexpandedDependencies({ deps }: SparkApplication['spec']): FoundProblem[] {
  if (deps === undefined) return [];
  return LISTS_OF_DEPENDENCIES.flatMap((field) =>
    (deps[field] ?? []).flatMap((value, index) => unexpanded(['spec', 'deps', field, index], value, byHand)),
  );
}

function ignoredKey(key: string): FoundProblem[] {
  if (key.startsWith('spark.')) return [];
  return refused(['spec', 'sparkConf', key], {
    message: 'Spark ignores properties that do not begin with "spark."',
    remedy: `move it to hadoopConf if it is Hadoop's, or write spark.${key} if it is the application's own`,
  });
}

function twicePrefixed(key: string): FoundProblem[] {
  if (!key.startsWith(HADOOP)) return [];
  return refused(['spec', 'hadoopConf', key], {
    message: `becomes ${HADOOP}${key}, which Hadoop reads as ${key} and ignores`,
    remedy: `write ${key.slice(HADOOP.length)}`,
  });
}

/** How a value gets what a variable holds, by its name. */
type Expansion = (name: string) => string;
const byHadoop: Expansion = (name) => `write \${env.${name}}`;
const bySpark: Expansion = (name) =>
  `read the variable ${name} in the application, or write \${env:${name}}, which Spark expands in its own keys`;
/** The driver's JVM starts before Spark expands anything; it reads this variable itself. */
const inEnvironment: Expansion = () =>
  'set the option by the variable JDK_JAVA_OPTIONS of driver.env, which Kubernetes expands';
const byHand: Expansion = (name) => `write the value of ${name} in its place`;

function expansionOf(key: string): Expansion {
  if (key.startsWith(HADOOP)) return byHadoop;
  return /^spark\.driver\.(?:extra|default)JavaOptions$/.test(key) ? inEnvironment : bySpark;
}

function unexpanded(path: FoundProblem['path'], value: string, expansion: Expansion): FoundProblem[] {
  const variable = VARIABLE.exec(value)?.[0];
  if (variable === undefined) return [];
  return refused(path, {
    message: `Kubernetes expands ${variable} only in env, args and command; the application gets this text`,
    remedy: expansion(variable.slice(2, -1)),
  });
}

/** The field wins: the operator passes both to spark-submit, and Spark takes the last. */
function contradicted({ dynamicAllocation, sparkConf }: SparkApplication['spec']): FoundProblem[] {
  if (dynamicAllocation?.enabled !== true || sparkConf?.[DYNAMIC]?.trim().toLowerCase() !== 'false') return [];
  return refused(['spec', 'sparkConf', DYNAMIC], {
    message: 'has no effect: spec.dynamicAllocation.enabled is true and wins',
    remedy: 'remove it, or remove spec.dynamicAllocation',
  });
}

function repeatedVolumes({ volumes = [] }: SparkApplication['spec']): FoundProblem[] {
  return volumes.flatMap(({ name }, index) => {
    const first = volumes.findIndex((other) => other.name === name);
    if (first === index) return [];
    return refused(['spec', 'volumes', index, 'name'], {
      message: `is the name of volumes[${first}] too, and only that is used`,
      remedy: 'give each volume its own name',
    });
  });
}

const refused = (
  path: FoundProblem['path'],
  { message, remedy }: { readonly message: string; readonly remedy: string },
): FoundProblem[] => [{ path, code: 'refused', message, ...present({ remedy }) }];
