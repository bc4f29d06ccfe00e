import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { Resources, type KubernetesClient } from '../kubernetes/index.ts';
import { ApplicationAnnotation, type SparkApplication } from '../manifest/index.ts';
import {
  nodeFacts,
  place,
  preflight,
  preflightWarnings,
  sumRequests,
  type NodeFacts,
  type Placement,
  type PlacementDecision,
} from '../placement/index.ts';
import { podRequests, type SparkSubmission, type SubmissionIdentity } from '../spark/index.ts';
import { Label } from '../spark/metadata.ts';

/** How long a submission waits for the first list of the nodes. */
const NODES_DEADLINE_MS = 5_000;

/**
 * Where an attempt's pods may run, as the cluster's placement configuration and the application have it, before any
 * submitter is asked. A cluster whose nodes can't be seen is placed all the same, only unchecked.
 *
 * @throws PlacementRefused
 */
export async function placeAttempt(
  kubernetes: KubernetesClient,
  placement: Placement,
  { metadata }: SparkApplication,
  submission: SparkSubmission,
  { labels }: SubmissionIdentity,
): Promise<{ readonly submission: SparkSubmission; readonly decision: PlacementDecision }> {
  const nodes = await knownNodes(kubernetes);
  const profile = metadata.annotations[ApplicationAnnotation.PlacementProfile];
  const placed = place(submission, {
    placement,
    ...(profile === undefined ? {} : { profile }),
    ...('unknown' in nodes ? {} : { nodes: nodes.known }),
    attemptLabels: { [Label.SubmissionId]: labels[Label.SubmissionId]! },
  });
  const warnings = 'unknown' in nodes ? [nodes.unknown] : warningsOf(placed, nodes.known, placement);
  if (warnings.length === 0) return placed;
  for (const warning of warnings) Context.current().log.warn(warning);
  return { ...placed, decision: { ...placed.decision, warnings } };
}

function warningsOf(
  { submission, decision }: ReturnType<typeof place>,
  nodes: readonly NodeFacts[],
  placement: Placement,
): string[] {
  const requests = {
    driver: sumRequests(podRequests(submission, 'driver')),
    executor: sumRequests(podRequests(submission, 'executor')),
  };
  return preflightWarnings(preflight(submission, nodes, requests, placement, decision.profile), nodes.length);
}

/** From the view that all submissions of a worker share. */
async function knownNodes(
  kubernetes: KubernetesClient,
): Promise<{ readonly known: readonly NodeFacts[] } | { readonly unknown: string }> {
  const nodes = kubernetes.watch(Resources.nodes, undefined, '');
  const inTime = new AbortController();
  try {
    const tooLate = await Promise.race([
      nodes.ready,
      sleep(NODES_DEADLINE_MS, true, { signal: inTime.signal }).catch(() => undefined),
    ]);
    if (tooLate === true)
      return {
        unknown: "The placement was not checked against the cluster's nodes: they could not be listed in time.",
      };
    return { known: nodes.list().map(nodeFacts) };
  } catch (error) {
    return { unknown: `The placement was not checked against the cluster's nodes: ${(error as Error).message}` };
  } finally {
    inTime.abort();
    nodes.release();
  }
}
