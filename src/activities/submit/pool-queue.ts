import { Context } from '@temporalio/activity';
import { Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import { poolLimits, priorityOf, type Placement } from '../../placement/index.ts';
import { podRequests } from '../../spark/index.ts';
import { ADMISSION_TIMINGS, carriedTimings, type Timings } from '../../timings/index.ts';
import {
  ADMISSION_WORKFLOW,
  admissionAnswerSignal,
  admissionWorkflowId,
  askAdmissionSignal,
  type AdmissionLimits,
  type AdmissionNeeded,
  type CarriedAdmission,
  type RequestAdmissionInput,
} from '../../protocol/index.ts';
import { askQueue } from '../ask-queue.ts';
import { withFailures } from '../failure.ts';
import { knownNodes } from './known-nodes.ts';
import type { PlacedAttempt } from './place-attempt.ts';

/** The admission that an attempt must request before it is submitted; undefined where its pool is not limited. */
export async function admissionNeeded(
  kubernetes: KubernetesClient,
  placement: Placement,
  { submission, decision, nodes }: PlacedAttempt,
  cluster: string | undefined,
): Promise<AdmissionNeeded | undefined> {
  const pool = decision.driverPool;
  const limits = poolLimits(placement, pool, 'known' in nodes ? nodes.known : undefined);
  if (limits === undefined) return undefined;
  const { cpu = 0, memory = 0 } = podRequests(submission, 'driver');
  const { value, className } = priorityOf(submission.driverPodTemplate);
  const priority = className === undefined ? (value ?? 0) : await valueOf(kubernetes, className);
  const queue = cluster === undefined ? pool : `${cluster}/${pool}`;
  return { queue, limits, priority, requests: { cpu, memory } };
}

/** A worker without permission to read priority classes treats all applications alike. */
async function valueOf(kubernetes: KubernetesClient, className: string): Promise<number> {
  try {
    return (await kubernetes.get(Resources.priorityClasses, undefined, className))?.value ?? 0;
  } catch (error) {
    Context.current().log.warn(`Cannot read the priority class ${className}; using the priority 0`, {
      error,
    });
    return 0;
  }
}

/** The current limits of a queue; none where the configuration no longer limits its pool. */
export async function admissionLimits(
  cluster: (name?: string) => Promise<KubernetesClient>,
  placement: Placement,
  { pool: queue }: { readonly pool: string },
  timings: Timings,
): Promise<AdmissionLimits> {
  return withFailures(async () => {
    const [pool = '', name] = queue.split('/').reverse();
    const nodes = await knownNodes(await cluster(name), timings);
    return poolLimits(placement, pool, 'known' in nodes ? nodes.known : undefined) ?? {};
  }, timings);
}

/** Asks a queue to admit an attempt; it answers the attempt's workflow with signals. */
export async function requestAdmission(
  { queue, taskQueue, request, limits }: RequestAdmissionInput,
  timings: Timings,
): Promise<void> {
  const fresh: CarriedAdmission = { limits, admitted: [], waiting: [] };
  const admission = {
    ...{ type: ADMISSION_WORKFLOW, workflowId: admissionWorkflowId(queue), taskQueue, name: queue, fresh },
    ...{ asks: askAdmissionSignal.name, grants: admissionAnswerSignal.name },
    timings: carriedTimings(timings, ADMISSION_TIMINGS),
    summary: `applications whose driver runs on the pool ${queue}`,
  };
  await askQueue(admission, request, limits);
}
