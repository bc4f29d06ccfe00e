import type { SparkApplication } from '../manifest/spark-application.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { valueAt } from '../validation/problems.ts';

/** Fields that become this configuration and win over `sparkConf`; those of both roles with `ROLE` in their place. */
const fields: Readonly<Record<string, string>> = {
  'spark.jars': 'deps.jars',
  'spark.files': 'deps.files',
  'spark.archives': 'deps.archives',
  'spark.submit.pyFiles': 'deps.pyFiles',
  'spark.executor.instances': 'executor.instances',
  'spark.dynamicAllocation.enabled': 'dynamicAllocation.enabled',
  'spark.dynamicAllocation.minExecutors': 'dynamicAllocation.minExecutors',
  'spark.dynamicAllocation.maxExecutors': 'dynamicAllocation.maxExecutors',
  'spark.dynamicAllocation.shuffleTracking.enabled': 'dynamicAllocation.shuffleTrackingEnabled',
  'spark.ROLE.memory': 'ROLE.memory',
  'spark.ROLE.memoryOverhead': 'ROLE.memoryOverhead',
  'spark.ROLE.cores': 'ROLE.cores',
  'spark.kubernetes.ROLE.request.cores': 'ROLE.coreRequest',
  'spark.kubernetes.ROLE.limit.cores': 'ROLE.coreLimit',
  'spark.ROLE.extraJavaOptions': 'ROLE.javaOptions',
  'spark.jars.packages': 'deps.packages',
  'spark.jars.excludes': 'deps.excludePackages',
};
/** The same of whole groups of configuration. */
const groups: readonly (readonly [prefix: string, field: string])[] = [
  ['spark.kubernetes.ROLE.label.', 'ROLE.labels'],
  ['spark.kubernetes.ROLE.annotation.', 'ROLE.annotations'],
  ['spark.kubernetes.ROLE.secretKeyRef.', 'ROLE.envSecretKeyRefs'],
  ['spark.hadoop.', 'hadoopConf'],
];

/** The path in the application of what the translation names by this key. */
export function confPath({ metadata, spec }: SparkApplication, key: string): ProblemPath {
  if (key.startsWith('spec.')) return key.split('.');
  if (!key.startsWith('spark.')) return ['spec', key];
  const role = /\b(?:driver|executor)\b/.exec(key)?.[0] ?? 'driver';
  const asKey = (pattern: string): string => pattern.replace('ROLE', role);
  const candidates: ProblemPath[] = [
    ...Object.entries(fields).flatMap(([pattern, field]) => (asKey(pattern) === key ? [asKey(field).split('.')] : [])),
    ...groups.flatMap(([pattern, field]) => {
      const prefix = asKey(pattern);
      return key.startsWith(prefix) ? [[...asKey(field).split('.'), key.slice(prefix.length)]] : [];
    }),
  ];
  const field = candidates.find((path) => valueAt(spec, path) !== undefined);
  if (field !== undefined) return ['spec', ...field];
  const conf = spec.sparkConf ?? {};
  const written = [key, ...Object.keys(conf).filter((other) => other.startsWith(`${key}.`))].find(
    (name) => conf[name] !== undefined,
  );
  if (written !== undefined) return ['spec', 'sparkConf', written];
  const label = key.split('.label.')[1];
  if (label !== undefined && metadata.labels[label] !== undefined) return ['metadata', 'labels', label];
  if (key === 'spark.kubernetes.memoryOverheadFactor') return ['spec', 'memoryOverheadFactor'];
  if (key === 'spark.kubernetes.container.image') return ['spec', 'image'];
  const volume = /^spark\.kubernetes\.(driver|executor)\.volumes\.\w+\.(spark-local-dir-[^.]+)\./.exec(key);
  const mounts = volume === null ? [] : (spec[volume[1] as 'driver' | 'executor'].volumeMounts ?? []);
  const mount = mounts.findIndex(({ name }) => name === volume?.[2]);
  return mount === -1 ? ['spec', 'sparkConf', key] : ['spec', volume![1]!, 'volumeMounts', mount];
}
