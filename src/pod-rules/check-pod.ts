import type { ObjectMeta, Pod, PodSpec } from '../kubernetes/objects.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { checkContainers } from './check-containers.ts';
import { checkLabels } from './check-labels.ts';
import { checkNetwork } from './check-network.ts';
import { checkScheduling } from './check-scheduling.ts';
import { checkPodSecurity } from './check-security.ts';
import { checkVolumes } from './check-volumes.ts';
import { labelFault, qualifiedNameFault, subdomainFault } from './names.ts';
import { entriesOf, items, PodProblems, texts, type PodProblem } from './pod-problem.ts';

const MAX_ANNOTATIONS = 256 * 1024;
const MAX_INT32 = 2 ** 31 - 1;

/**
 * What an API server refuses in a new pod, and images that no kubelet can pull: the rules of Kubernetes 1.36 for what a
 * driver and an executor can contain, without those that depend on other objects of the cluster. Values that only some
 * clusters take are left to the API server.
 *
 * Paths are the API server's own, except that they name the item of a list where it names only the list.
 */
export function checkPod({ metadata = {}, spec }: Pod): readonly PodProblem[] {
  const problems = new PodProblems();
  checkMetadata(problems, metadata, ['metadata']);
  checkKnownAnnotations(problems, metadata, spec, ['metadata', 'annotations']);
  if (spec !== undefined) checkSpec(problems, spec, metadata, ['spec']);
  return problems.found;
}

function checkMetadata(problems: PodProblems, metadata: ObjectMeta, at: ProblemPath): void {
  const { name, namespace, labels, annotations, finalizers } = metadata;
  problems.name([...at, 'name'], name, subdomainFault);
  if (namespace) problems.check([...at, 'namespace'], namespace, labelFault);
  checkLabels(problems, labels, [...at, 'labels']);
  let size = 0;
  for (const [key, value] of entriesOf(annotations)) {
    problems.check([...at, 'annotations', key], key, (text) => qualifiedNameFault(text.toLowerCase()));
    size += key.length + String(value).length;
  }
  if (size > MAX_ANNOTATIONS) {
    problems.add({
      path: [...at, 'annotations'],
      reason: 'Too long',
      detail: `may not be more than ${MAX_ANNOTATIONS} bytes, not ${size}`,
    });
  }
  for (const [index, finalizer] of texts(finalizers)) {
    problems.check([...at, 'finalizers', index], finalizer, qualifiedNameFault);
  }
}

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const PROFILE = /^(?:|runtime\/default|unconfined|localhost\/.*)$/;

/** The annotations whose values the server reads. */
function checkKnownAnnotations(
  problems: PodProblems,
  { annotations }: ObjectMeta,
  spec: PodSpec | undefined,
  at: ProblemPath,
): void {
  const containers = [...items(spec?.containers), ...items(spec?.initContainers)].map(([, { name }]) => name);
  for (const [key, value] of entriesOf(annotations)) {
    const place = [...at, key];
    if (key === DELETION_COST && !(/^(?:0|-?[1-9]\d*)$/.test(value) && Math.abs(Number(value)) <= MAX_INT32)) {
      problems.invalid(place, value, 'must be a 32bit integer');
    }
    if (!key.startsWith(APP_ARMOR)) continue;
    const container = key.slice(APP_ARMOR.length);
    if (!containers.includes(container)) problems.invalid(place, container, 'container not found');
    if (!PROFILE.test(value)) problems.invalid(place, value, 'invalid AppArmor profile name');
  }
}

function checkSpec(problems: PodProblems, spec: PodSpec, metadata: ObjectMeta, at: ProblemPath): void {
  const volumes = checkVolumes(problems, spec.volumes, metadata, [...at, 'volumes']);
  checkContainers(problems, spec, volumes, at);
  checkNetwork(problems, spec, at);
  checkPodSecurity(problems, spec.securityContext, spec, [...at, 'securityContext']);
  checkScheduling(problems, spec, metadata.labels ?? {}, at);
  problems.oneOf([...at, 'restartPolicy'], spec.restartPolicy, ['Always', 'OnFailure', 'Never']);
  problems.inRange([...at, 'activeDeadlineSeconds'], spec.activeDeadlineSeconds, 1, MAX_INT32);
  problems.oneOf([...at, 'preemptionPolicy'], spec.preemptionPolicy, ['PreemptLowerPriority', 'Never']);
  problems.oneOf([...at, 'os', 'name'], spec.os?.name, ['linux', 'windows']);
  for (const field of ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const) {
    const name = spec[field];
    if (name) problems.check([...at, field], name, subdomainFault);
  }
  for (const [index, { conditionType }] of items(spec.readinessGates)) {
    problems.check([...at, 'readinessGates', index, 'conditionType'], conditionType ?? '', qualifiedNameFault);
  }
  for (const [index, { name }] of items(spec.schedulingGates)) {
    problems.check([...at, 'schedulingGates', index], name ?? '', qualifiedNameFault);
  }
  if (spec.hostUsers === false) {
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC'] as const) {
      if (spec[field] === true) problems.forbidden([...at, field], 'when `hostUsers` is false');
    }
  }
}
