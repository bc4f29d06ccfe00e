import { Context } from '@temporalio/activity';
import type { KubernetesClient } from '../../kubernetes/index.ts';
import { ApplicationAnnotation, type SparkApplication } from '../../manifest/index.ts';
import { place, preflight, preflightWarnings, type NodeFacts, type Placement } from '../../placement/index.ts';
import type { PlacementSummary } from '../../protocol/index.ts';
import { podRequests, translating, type SparkSubmission, type SubmissionIdentity } from '../../spark/index.ts';
import { Label } from '../../spark/metadata.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import { knownNodes, type KnownNodes } from './known-nodes.ts';
import { present } from '../../validation/present.ts';

export interface PlacedAttempt {
  readonly submission: SparkSubmission;
  readonly decision: PlacementSummary;
  readonly nodes: KnownNodes;
}

/**
 * Where an attempt's pods may run, as the cluster's placement configuration and the application have it, before any
 * submitter is asked. Where the nodes cannot be listed, the attempt is placed without that check.
 *
 * @throws PlacementRefused
 */
export async function placeAttempt(
  kubernetes: KubernetesClient,
  placement: Placement,
  { metadata }: SparkApplication,
  submission: SparkSubmission,
  { labels }: SubmissionIdentity,
  timings: Timings = DEFAULT_TIMINGS,
): Promise<PlacedAttempt> {
  const nodes = await knownNodes(kubernetes, timings);
  const profile = metadata.annotations[ApplicationAnnotation.PlacementProfile];
  const placed = translating(() =>
    place(submission, {
      placement,
      ...present({ profile, nodes: 'unknown' in nodes ? undefined : nodes.known }),
      attemptLabels: { [Label.SubmissionId]: labels[Label.SubmissionId]! },
    }),
  );
  const warnings = 'unknown' in nodes ? [nodes.unknown] : translating(() => warningsOf(placed, nodes.known, placement));
  if (warnings.length === 0) return { ...placed, nodes };
  for (const warning of warnings) Context.current().log.warn(warning);
  return { ...placed, nodes, decision: { ...placed.decision, warnings } };
}

function warningsOf(
  { submission, decision }: ReturnType<typeof place>,
  nodes: readonly NodeFacts[],
  placement: Placement,
): string[] {
  const requests = {
    driver: podRequests(submission, 'driver'),
    executor: podRequests(submission, 'executor'),
  };
  return preflightWarnings(preflight(submission, nodes, requests, placement, decision.profile), nodes.length);
}
