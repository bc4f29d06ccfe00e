import { isKubernetesError, KubernetesErrorType, type KubernetesClient } from '../../../kubernetes/index.ts';
import type { KubernetesError, KubernetesErrorCause } from '../../../kubernetes/index.ts';
import type { KubernetesObject } from '../../../kubernetes/objects.ts';
import type { SparkApplication } from '../../../manifest/index.ts';
import { buildCompanionObjects, buildDriver } from '../../../spark/index.ts';
import { podNames, type CheckedPod } from '../../../spark/pods/check-objects.ts';
import { originOf, originsOf } from '../../../spark/pods/origin.ts';
import { Answer, askServer } from '../../../submitters/dry-run/ask-server.ts';
import type { FoundProblem, ProblemPath } from '../../../validation/problem.ts';
import { valueAt } from '../../../validation/problems.ts';
import { madeUpAttempt } from '../../output/rendered-objects.ts';

/** What an API server refuses, before its place in the manifest is known. */
interface Refusal {
  /** What is refused: `the driver pod`. */
  readonly what: string;
  readonly error: KubernetesError;
  /** The path in the manifest of a path in the object; undefined for the object as a whole. */
  readonly at: (path?: ProblemPath) => ProblemPath;
}

/**
 * What an API server refuses of an application's objects, at the fields of the manifest that cause it. Each object is
 * sent as a dry run.
 *
 * @param denied receives why objects were not judged: this user may not create them
 * @throws KubernetesError where the server does not answer
 */
export async function judgeApplication(
  kubernetes: KubernetesClient,
  application: SparkApplication,
  denied: (why: string) => void,
): Promise<readonly FoundProblem[]> {
  const { identity, submission } = madeUpAttempt(application);
  const { objects, pods } = buildDriver(submission, identity);
  const companions = buildCompanionObjects(application, submission, identity);
  const origins = originsOf(application);
  const ofPod = (checked: CheckedPod) => (path: ProblemPath | undefined) =>
    (path && originOf(application, origins, checked, path)) ?? ['spec', checked.role];
  const asked = [
    ...pods
      .filter(({ isFinal }) => isFinal)
      .map((checked) => ({ object: checked.pod, what: podNames[checked.role], at: ofPod(checked) })),
    ...objects.dependents.map((object) => ({ object, what: nameOf(object), at: () => ['spec'] })),
    ...companions.map((object) => ({ object, what: nameOf(object), at: () => fieldOf(application, object) })),
  ];
  const answers = await Promise.all(
    asked.map(async ({ object, what, at }): Promise<Refusal[]> => {
      const given = await answerOf(kubernetes, object);
      if (given.answer === Answer.Refused) return [{ what, at, error: given.error }];
      if (given.answer === Answer.NotAllowed) denied(given.error.message.replace(` "${object.metadata!.name}"`, ''));
      return [];
    }),
  );
  const refused = answers.flat();
  const ofNamespace = refused.find(({ error }) => NAMESPACE.includes(error.type));
  const problems =
    ofNamespace === undefined
      ? refused.flatMap((refusal) => problemsOf(kubernetes.cluster, refusal))
      : [{ path: ['metadata', 'namespace'], code: 'refused', message: `cannot be used: ${ofNamespace.error.message}` }];
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata!.name}`;

/** Of these, every object of the application is refused alike. */
const NAMESPACE: readonly KubernetesErrorType[] = [
  KubernetesErrorType.NamespaceNotFound,
  KubernetesErrorType.NamespaceTerminating,
];

/** As a dry run; a kind that the cluster does not serve is refused, too. */
async function answerOf(
  kubernetes: KubernetesClient,
  object: KubernetesObject,
): Promise<Awaited<ReturnType<typeof askServer>>> {
  try {
    return await askServer(kubernetes, object);
  } catch (error) {
    if (isKubernetesError(error, KubernetesErrorType.NotServed)) return { answer: Answer.Refused, error };
    throw error;
  }
}

function problemsOf(cluster: string, { what, error, at }: Refusal): FoundProblem[] {
  const problem = (text: string, path?: ProblemPath): FoundProblem => {
    const message = `the API server of cluster "${cluster}" refuses ${what}: ${text}`;
    return { path: at(path), code: 'refused', message: message.replace(/\.$/, '') };
  };
  const unknown = [...error.message.matchAll(/unknown field "([^"]+)"/g)].map(([text, field]) => ({ field, text }));
  const causes = unknown.length > 0 ? unknown : error.causes.flatMap(fieldProblem);
  if (causes.length === 0) return [problem(error.message)];
  return causes.map(({ field, text }) => problem(text, pathOf(field!)));
}

const fieldProblem = ({ field, message }: KubernetesErrorCause): { field: string; text: string }[] =>
  field === undefined || message === undefined ? [] : [{ field, text: `${field}: ${message}` }];

/** `spec.containers[0].resources.limits[nvidia.com/gpu]` in parts. */
const pathOf = (field: string): ProblemPath =>
  [...field.matchAll(/\[([^[\]]*)\]|[^.[\]]+/g)].map(([part, key = part]) => (/^\d+$/.test(key) ? Number(key) : key));

/** The field of the manifest that a companion is made for; the spec where it has none. */
function fieldOf(application: SparkApplication, { kind = '' }: KubernetesObject): ProblemPath {
  const fields: Readonly<Record<string, string>> = {
    Ingress: 'driverIngressOptions',
    PodDisruptionBudget: 'driverPodDisruptionBudget',
    PodGroup: 'batchScheduler',
    Service: 'sparkUIOptions',
  };
  const path = ['spec', fields[kind] ?? ''];
  return valueAt(application, path) === undefined ? ['spec'] : path;
}
