import { ApplicationAnnotation } from '../manifest/annotations.ts';
import type { SparkApplication } from '../manifest/spark-application.ts';
import { sparkApplicationWorkflowId } from '../protocol/ids.ts';
import type { SubmissionIdentity } from '../protocol/submission-identity.ts';
import type { FoundProblem, ProblemPath } from '../validation/problem.ts';
import { pathText, valueAt } from '../validation/problems.ts';
import { isRecord } from '../validation/unknown-data.ts';
import { attemptSubmission } from './application/to-spark-submission.ts';
import { attemptIdentity, driverPodName } from './attempt.ts';
import { buildCompanionObjects } from './companions/build-companion-objects.ts';
import { confPath } from './conf-path.ts';
import { inspectDriver } from './driver/build-driver-objects.ts';
import { findWithoutEffect } from './find-without-effect.ts';
import { oversized } from './pods/check-objects.ts';
import { podRefusals } from './pods/pod-refusals.ts';
import { asClause, RefusalReason, SubmissionRefused } from './submission-refused.ts';

// More than the number of settings that Spark checks in any application; the loop needs a bound.
const MOST = 100;
const FEATURE_STEPS = 'spark.kubernetes.driver.pod.featureSteps';
const STAND_IN = 'stand-in';

/** Code of the problem that an application has no image, which a default of the workers may set. */
export const MISSING_IMAGE = 'missing_image';

/**
 * Everything for which the translation would refuse the application, with the path of each, and what would have no
 * effect. The translation itself stops at the first: what it refuses is removed, and the rest translated again.
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
    const { refusal, found = [] } = translated(rest);
    if (refusal === undefined) {
      // A feature step may add what the pods lack.
      if (application.spec.sparkConf?.[FEATURE_STEPS] !== undefined) break;
      const isKnown = ({ path, message }: FoundProblem): boolean =>
        message.includes(STAND_IN) || problems.some((known) => known.path.every((part, index) => part === path[index]));
      problems.push(...found.filter((problem) => !isKnown(problem)));
      break;
    }
    if (seen.has(refusal.message)) break;
    seen.add(refusal.message);
    const path = confPath(application, refusal.key);
    const { otherKey } = refusal;
    const other = otherKey === undefined ? undefined : pathText(confPath(application, otherKey));
    // Of what took the place of something refused, or is missing because it was.
    const isFollowUp = refusal.problem.includes(STAND_IN) || problems.some((known) => pathText(known.path) === other);
    if (!isFollowUp && !(isLenient && isForSubmitter(refusal.reason))) {
      const code = refusal.reason === RefusalReason.MissingImage ? MISSING_IMAGE : 'refused';
      problems.push({ path, code, message: refusal.problem, remedy: asClause(refusal.remedy) });
    }
    // An unsupported version has no rules to check.
    if (refusal.reason === RefusalReason.UnsupportedSparkVersion) break;
    rest = repaired(rest, refusal.key, confPath(rest, refusal.key), seen.size);
  }
  const ignored = findWithoutEffect(application);
  const isIgnored = ({ path }: FoundProblem): boolean =>
    ignored.some((other) => pathText(other.path) === pathText(path));
  // What Kubernetes does not expand, Spark cannot read as a number either: that has one remedy.
  return [...problems.filter((problem) => !isIgnored(problem)), ...ignored];
}

const isForSubmitter = (reason: RefusalReason): boolean =>
  reason === RefusalReason.RequiresJvm || reason === RefusalReason.RequiresLocalFile;

/** The first refusal of the translation; without one, the problems of the objects that it makes. */
function translated(application: SparkApplication): {
  readonly refusal?: SubmissionRefused;
  readonly found?: readonly FoundProblem[];
} {
  const identity = checkedIdentity(application);
  try {
    const submission = attemptSubmission(application, identity);
    const { objects, pods } = inspectDriver(submission, identity);
    const large = oversized([...objects.dependents, ...buildCompanionObjects(application, submission, identity)]);
    const ofObjects = large.map(({ key, problem, remedy }) => {
      return { path: key.split('.'), code: 'refused', message: problem, remedy: asClause(remedy) };
    });
    const ofPods = pods.some(({ problems }) => problems.length > 0) ? podRefusals(application, pods) : [];
    return { found: [...ofObjects, ...ofPods] };
  } catch (error) {
    if (error instanceof SubmissionRefused) return { refusal: error };
    throw error;
  }
}

function checkedIdentity(application: SparkApplication): SubmissionIdentity {
  const { name, namespace } = application.metadata;
  return attemptIdentity({
    workflowId: sparkApplicationWorkflowId(namespace, name),
    firstRunId: 'checked',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: name,
    driverPodName: driverPodName(application),
    submitTime: 0,
  });
}

/** The application without what was refused, or with a stand-in for what was missing. */
function repaired(application: SparkApplication, key: string, path: ProblemPath, count: number): SparkApplication {
  const copy = JSON.parse(JSON.stringify(application)) as SparkApplication;
  copy.spec.sparkConf ??= {};
  const parent = valueAt(copy, path.slice(0, -1));
  const last = path.at(-1)!;
  // A stand-in in its place: the other items keep their positions.
  if (Array.isArray(parent))
    parent[Number(last)] = { name: `${STAND_IN}-${count}`, mountPath: `/${STAND_IN}-${count}` };
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
  return `local:///${STAND_IN}-${count}.${ending}`;
}
