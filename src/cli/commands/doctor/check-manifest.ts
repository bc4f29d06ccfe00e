import { ApplicationAnnotation, type SparkApplication } from '../../../manifest/index.ts';
import {
  describeRequests,
  place,
  PlacementRefused,
  preflight,
  roomFor,
  type NodeFacts,
  type Placement,
  type Requests,
  type RoleFit,
} from '../../../placement/index.ts';
import { sparkApplicationWorkflowId } from '../../../protocol/ids.ts';
import {
  attemptIdentity,
  attemptSubmission,
  driverPodName,
  podRequests,
  SubmissionRefused,
  type SparkSubmission,
} from '../../../spark/index.ts';
import { failed, ok, warning, type Finding } from './finding.ts';
import { present } from '../../../validation/present.ts';

/**
 * Checks where the pods of an application can run, with the placement of a worker with this configuration: the nodes that
 * admit them, those that are large enough, and the nearest miss where none is.
 *
 * @param nodes absent where the account may not list them
 */
export function checkManifest(
  application: SparkApplication,
  placement: Placement,
  nodes: readonly NodeFacts[] | undefined,
): Finding[] {
  const { namespace = 'default', name, annotations } = application.metadata;
  const check = `application ${namespace}/${name}`;
  try {
    const translated = submissionOf(application);
    const profile = annotations[ApplicationAnnotation.PlacementProfile];
    const { submission, decision } = place(translated, {
      placement,
      ...present({ profile, nodes }),
      attemptLabels: {},
    });
    const placed = ok(check, decision.reason);
    if (nodes === undefined) return [placed];
    const requests = {
      driver: podRequests(submission, 'driver'),
      executor: podRequests(submission, 'executor'),
    };
    const fits = preflight(submission, nodes, requests, placement, decision.profile);
    return [placed, ...fits.map((fit) => checkRole(check, fit, requests[fit.role], nodes, podsOf(submission, fit)))];
  } catch (error) {
    if (!(error instanceof PlacementRefused || error instanceof SubmissionRefused)) throw error;
    return [failed(check, error.message, 'change the manifest or the placement configuration (docs/placement.md)')];
  }
}

/** The submission of an attempt, under a made-up identity. */
function submissionOf(application: SparkApplication): SparkSubmission {
  const { namespace = 'default', name } = application.metadata;
  const identity = attemptIdentity({
    workflowId: sparkApplicationWorkflowId(namespace, name),
    firstRunId: 'examined',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: name,
    driverPodName: driverPodName(application),
    submitTime: 0,
  });
  return attemptSubmission(application, identity);
}

function checkRole(
  of: string,
  { role, pool, autoscaled, admitted, fitting, nearest }: RoleFit,
  requests: Requests,
  nodes: readonly NodeFacts[],
  pods: number,
): Finding {
  const check = `${role} of ${of}`;
  const needs = `requests ${describeRequests(requests)}`;
  const seen = `${admitted.length} of ${nodes.length} nodes admit it (pool ${pool})`;
  if (fitting.length === 0) {
    const near = nearest === undefined ? '' : `; nearest is ${nearest.node}: ${nearest.missing}`;
    const found = `fits no node: ${needs}; ${seen}${near}`;
    const remedy = 'request less, add or label nodes, or choose another profile (docs/placement.md)';
    return autoscaled
      ? warning(check, found, `wait for the autoscaler to add such a node, or ${remedy}`)
      : failed(check, found, remedy);
  }
  const found = `${needs}; ${seen}, ${fitting.length} of them large enough: ${some(fitting)}`;
  const room = nodes
    .filter(({ name }) => fitting.includes(name))
    .reduce((sum, node) => sum + roomFor(node, requests), 0);
  if (room >= pods) return ok(check, `${found}; room for ${room}, ${pods} requested`);
  return warning(
    check,
    `${found}; room for ${room} when they are empty, ${pods} requested`,
    autoscaled ? 'wait for the autoscaler to add nodes' : 'add nodes, or request fewer executors',
  );
}

const NAMED = 5;

const some = (names: readonly string[]): string =>
  names.length > NAMED ? `${names.slice(0, NAMED).join(', ')}, …` : names.join(', ');

/** The number of executors at the start; Spark's default is two. */
function podsOf({ conf }: SparkSubmission, { role }: RoleFit): number {
  if (role === 'driver') return 1;
  const isDynamic = conf['spark.dynamicAllocation.enabled'] === 'true';
  const least = isDynamic
    ? (conf['spark.dynamicAllocation.initialExecutors'] ?? conf['spark.dynamicAllocation.minExecutors'] ?? '1')
    : (conf['spark.executor.instances'] ?? '2');
  return Math.max(Number(least), 1);
}
