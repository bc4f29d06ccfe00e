import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { ConfigMap, KubernetesObject, Pod } from '../../kubernetes/objects.ts';
import { checkPod, podProblemText, type PodProblem } from '../../pod-rules/index.ts';
import { pathText } from '../../validation/problems.ts';
import type { Role } from '../application/role.ts';
import type { DriverContext } from '../driver/driver-spec.ts';
import { buildExecutorPod } from '../executor/build-executor-pod.ts';
import { listOf } from '../spark-conf.ts';
import { RefusalReason, SubmissionRefused, type Refusal } from '../submission-refused.ts';

/** A pod of an application and what is refused of it. */
export interface CheckedPod {
  readonly role: Role;
  readonly pod: Pod;
  readonly problems: readonly PodProblem[];
  /** False where feature steps of the user's may still change it: then it is not checked. */
  readonly isFinal: boolean;
}

/**
 * The driver, and the first executor that it would ask for, by the API server's rules. Feature steps of the user's may
 * add what an executor lacks.
 */
export function checkPods(driver: Pod, context: DriverContext): readonly CheckedPod[] {
  const executor = buildExecutorPod(context);
  const isFinal = listOf(context.conf, 'spark.kubernetes.executor.pod.featureSteps').length === 0;
  return [
    { role: 'driver', pod: driver, problems: checkPod(driver), isFinal: true },
    { role: 'executor', pod: executor, problems: isFinal ? checkPod(executor) : [], isFinal },
  ];
}

/** @throws SubmissionRefused with every problem of the pods, if there is one */
export function refusePods(pods: readonly CheckedPod[]): void {
  const refused = pods.flatMap(({ role, problems }) => problems.map((problem) => ({ role, problem })));
  const [first] = refused;
  if (first === undefined) return;
  throw new SubmissionRefused({
    reason: RefusalReason.InvalidPod,
    key: pathText(first.problem.path),
    problem: refused.map(({ role, problem }) => refusalText(role, problem)).join('; '),
    remedy:
      first.problem.remedy === undefined
        ? 'Correct the application or its pod template.'
        : `Remedy: ${first.problem.remedy}.`,
  });
}

export const podNames: Readonly<Record<Role, string>> = { driver: 'the driver pod', executor: 'every executor pod' };

/** Who refuses what of which pod. */
export function refusalText(role: Role, problem: PodProblem): string {
  const where = `${pathText(problem.path)}: ${podProblemText(problem)}`;
  return problem.byKubelet === true
    ? `no kubelet can run ${podNames[role]}: ${where}`
    : `the API server refuses ${podNames[role]}: ${where}`;
}

/** The most that an API server stores in a ConfigMap, in bytes. */
const MAX_CONFIG_MAP = 1024 ** 2;

/** What a ConfigMap is made of, by the end of its name. */
const contents: readonly (readonly [ending: string, key: string, what: string])[] = [
  ['-driver-podspec-conf-map', 'spec.executor', "the executors' pod template"],
  ['-prom-conf', 'spec.monitoring', 'the configuration of monitoring'],
  ['-driver-conf-map', 'spec.sparkConf', 'the configuration of the driver'],
];

/** The ConfigMaps among the objects that no API server would store. */
export function oversized(objects: readonly KubernetesObject[]): Refusal[] {
  return objects.flatMap((object) => {
    if (object.kind !== 'ConfigMap') return [];
    const { metadata, data = {} } = object as ConfigMap;
    const text = Object.values(data).join('');
    // No character takes more than three bytes.
    const size = text.length * 3 <= MAX_CONFIG_MAP ? 0 : utf8ToBytes(text).length;
    if (size <= MAX_CONFIG_MAP) return [];
    const [, key, what] = contents.find(([ending]) => metadata?.name?.endsWith(ending)) ?? contents.at(-1)!;
    return [
      {
        reason: RefusalReason.InvalidConfiguration,
        key,
        problem: `${what} is ${bytes(size)} bytes, and a ConfigMap holds ${bytes(MAX_CONFIG_MAP)}`,
        remedy: 'Put large parts in files of the image or in a volume.',
      },
    ];
  });
}

/** @throws SubmissionRefused where one of the objects is too large for an API server */
export function refuseOversized(objects: readonly KubernetesObject[]): void {
  for (const refusal of oversized(objects)) throw new SubmissionRefused(refusal);
}

const bytes = (size: number): string => size.toLocaleString('en-US');
