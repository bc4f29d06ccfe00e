import type { Affinity, Toleration } from '../manifest/kubernetes-types.ts';
import type { PodTemplate } from '../kubernetes/objects.ts';
import type { SparkSubmission } from '../spark/submission.ts';
import type { NodeFacts } from './node-facts.ts';
import { isMetBy, ofLabels, type Requirement } from './requirement.ts';
import { present } from '../validation/present.ts';

export type Role = 'driver' | 'executor';

type NodeSelectorTerm = NonNullable<
  NonNullable<NonNullable<Affinity['nodeAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']>
>['nodeSelectorTerms'][number];

/** One of the alternatives of a required node affinity. */
export interface Alternative {
  readonly labels: readonly Requirement[];
  readonly fields: readonly Requirement[];
}

/** What a role's pods require of their node, from all places of the submission. */
export interface NodeConstraints {
  /** Of the node selector: all of them. */
  readonly selector: readonly Requirement[];
  /** One of them, where there are any. */
  readonly alternatives: readonly Alternative[];
  readonly tolerations: readonly Toleration[];
  readonly nodeName?: string;
}

export function constraintsOf(submission: SparkSubmission, role: Role): NodeConstraints {
  return constraintsOfPod(templateOf(submission, role)?.spec, confSelector(submission, role));
}

/** @param selector labels in addition to those of the pod's own selector */
export function constraintsOfPod(
  spec: PodTemplate['spec'],
  selector: Readonly<Record<string, string>> = {},
): NodeConstraints {
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return {
    selector: ofLabels({ ...spec?.nodeSelector, ...selector }),
    alternatives: (terms ?? []).map(alternativeOf),
    tolerations: spec?.tolerations ?? [],
    ...present({ nodeName: spec?.nodeName }),
  };
}

export const templateOf = (submission: SparkSubmission, role: Role): PodTemplate | undefined =>
  role === 'driver' ? submission.driverPodTemplate : submission.executorPodTemplate;

/** As Spark adds it to the template's: that for both roles first, then the role's own. */
function confSelector({ conf }: SparkSubmission, role: Role): Record<string, string> {
  const selector: Record<string, string> = {};
  for (const prefix of ['spark.kubernetes.node.selector.', `spark.kubernetes.${role}.node.selector.`]) {
    for (const [key, value] of Object.entries(conf)) {
      if (key.startsWith(prefix)) selector[key.slice(prefix.length)] = value;
    }
  }
  return selector;
}

const alternativeOf = ({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): Alternative => ({
  labels: matchExpressions as readonly Requirement[],
  fields: matchFields as readonly Requirement[],
});

/** Whether the labels, and the name, of a node meet the constraints; taints and size are another matter. */
export function nodeMatches({ selector, alternatives, nodeName }: NodeConstraints, node: NodeFacts): boolean {
  if (nodeName !== undefined && nodeName !== node.name) return false;
  if (!selector.every((requirement) => isMetBy(requirement, node.labels))) return false;
  return alternatives.length === 0 || alternatives.some((alternative) => alternativeMatches(alternative, node));
}

/** Kubernetes: an empty term matches nothing. */
export function alternativeMatches({ labels, fields }: Alternative, node: NodeFacts): boolean {
  return (
    labels.length + fields.length > 0 &&
    labels.every((requirement) => isMetBy(requirement, node.labels)) &&
    fields.every((requirement) => isMetBy(requirement, { 'metadata.name': node.name }))
  );
}
