import type { Pod } from '../../kubernetes/objects.ts';
import { checkPod, podProblemText, type PodProblem } from '../../pod-rules/index.ts';
import { pathText } from '../../validation/problems.ts';
import type { Role } from '../application/role.ts';
import type { DriverContext } from '../driver/driver-spec.ts';
import { buildExecutorPod } from '../executor/build-executor-pod.ts';
import { listOf } from '../spark-conf.ts';
import { RefusalReason, SubmissionRefused } from '../submission-refused.ts';

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
