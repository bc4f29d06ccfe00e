import { ApplicationAnnotation } from '../manifest/annotations.ts';
import type { FoundProblem, ProblemPath } from '../validation/problem.ts';
import { valueAt } from '../validation/problems.ts';
import type { SparkApplication } from '../manifest/spark-application.ts';
import { isRecord } from '../validation/unknown-data.ts';
import { sparkApplicationWorkflowId } from '../protocol/ids.ts';
import { attemptIdentity } from './attempt.ts';
import { attemptSubmission } from './application/attempt-submission.ts';
import { buildCompanionObjects } from './companions/build-companion-objects.ts';
import { buildDriverObjects } from './driver/build-driver-objects.ts';
import { driverPodName } from './driver-pod-name.ts';
import { RefusalReason, SubmissionRefused } from './submission-refused.ts';

// More than the number of settings that Spark checks in any application; the loop needs a bound.
const MOST = 100;

/**
 * Everything for which the translation would refuse the application, with the path of each. The translation itself
 * stops at the first: what it refuses is removed, and the rest translated again.
 *
 * What only some submitters can do (`RequiresJvm`, `RequiresLocalFile`) is not a problem of an application that chooses
 * its submitter itself, nor of any with `anySubmitter`.
 */
export function findRefusals(
  application: SparkApplication,
  { anySubmitter = false }: { readonly anySubmitter?: boolean } = {},
): FoundProblem[] {
  const isLenient = anySubmitter || application.metadata.annotations[ApplicationAnnotation.Submitter] !== undefined;
  const problems: FoundProblem[] = [];
  const seen = new Set<string>();
  let rest = application;
  while (seen.size < MOST) {
    const refusal = refusalOf(rest);
    if (refusal === undefined || seen.has(refusal.message)) break;
    seen.add(refusal.message);
    const path = pathOf(application, refusal.key);
    if (!(isLenient && isForSubmitter(refusal.reason))) {
      problems.push({ path, code: 'refused', message: refusal.problem, remedy: refusal.remedy });
    }
    // An unsupported version has no rules to check.
    if (refusal.reason === RefusalReason.UnsupportedSparkVersion) break;
    rest = repaired(rest, refusal.key, pathOf(rest, refusal.key), seen.size);
  }
  return problems;
}

const isForSubmitter = (reason: RefusalReason): boolean =>
  reason === RefusalReason.RequiresJvm || reason === RefusalReason.RequiresLocalFile;

function refusalOf(application: SparkApplication): SubmissionRefused | undefined {
  const { name, namespace } = application.metadata;
  const identity = attemptIdentity({
    workflowId: sparkApplicationWorkflowId(namespace, name),
    firstRunId: 'checked',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: name,
    driverPodName: driverPodName(application),
    submitTime: 0,
  });
  try {
    const submission = attemptSubmission(application, identity);
    buildDriverObjects(submission, identity);
    buildCompanionObjects(application, submission, identity);
    return undefined;
  } catch (error) {
    if (error instanceof SubmissionRefused) return error;
    throw error;
  }
}

/** Fields that become this configuration and win over `sparkConf`; those of both roles with `ROLE` in their place. */
const fields: Readonly<Record<string, string>> = {
  'spark.jars': 'deps.jars',
  'spark.files': 'deps.files',
  'spark.archives': 'deps.archives',
  'spark.submit.pyFiles': 'deps.pyFiles',
  'spark.executor.instances': 'executor.instances',
  'spark.ROLE.memory': 'ROLE.memory',
  'spark.ROLE.memoryOverhead': 'ROLE.memoryOverhead',
  'spark.ROLE.cores': 'ROLE.cores',
  'spark.kubernetes.ROLE.request.cores': 'ROLE.coreRequest',
};
/** The same of whole groups of configuration. */
const groups: readonly (readonly [prefix: string, field: string])[] = [
  ['spark.kubernetes.ROLE.label.', 'ROLE.labels'],
  ['spark.kubernetes.ROLE.secretKeyRef.', 'ROLE.envSecretKeyRefs'],
  ['spark.hadoop.', 'hadoopConf'],
];

/** The path in the application of what the translation names by this key. */
function pathOf({ metadata, spec }: SparkApplication, key: string): ProblemPath {
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

/** The application without what was refused, or with a stand-in for what was missing. */
function repaired(application: SparkApplication, key: string, path: ProblemPath, count: number): SparkApplication {
  const copy = JSON.parse(JSON.stringify(application)) as SparkApplication;
  copy.spec.sparkConf ??= {};
  const parent = valueAt(copy, path.slice(0, -1));
  const last = path.at(-1)!;
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (isRecord(parent)) {
    const isNeeded = parent[last] === undefined || key === 'mainApplicationFile';
    if (isNeeded) Object.assign(parent, { [last]: standIn(application, count) });
    else Reflect.deleteProperty(parent, last);
  }
  return copy;
}

/** Valid at any path, and unique. */
function standIn({ spec }: SparkApplication, count: number): string {
  const ending = { Java: 'jar', Scala: 'jar', Python: 'py', R: 'R' }[spec.type];
  return `local:///stand-in-${count}.${ending}`;
}
