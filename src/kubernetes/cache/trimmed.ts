import type { Container, KubernetesObject, Pod } from '../objects.ts';

/** Annotations of pods that are read from a view: ours, and what Spark reports in them. */
const READ_ANNOTATION = /^(?:temporal-spark\/|spark\.)/;
/** Of annotations of a pod. There are fewer of ours; a driver may write any. */
const MAX_ANNOTATIONS = 32;
/** Of one annotation, in characters: its end, which has the cause of an exception. */
const MAX_ANNOTATION = 16_384;
/** Of containers of a pod: what its user writes, and nothing reads here. */
const UNREAD_OF_CONTAINERS = ['args', 'command', 'env', 'envFrom', 'lifecycle', 'volumeMounts'] as const;

/**
 * Drops what is not read from a view and is often half of an object. Of pods, whose size their users choose: annotations
 * that are not ours, volumes, and what their containers run.
 */
export function trimmed<T extends KubernetesObject>(object: T, plural: string): T {
  const { metadata } = object;
  if (metadata !== undefined) {
    delete metadata.managedFields;
    delete metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'];
  }
  if (plural === 'pods') trimPod(object);
  return object;
}

function trimPod({ metadata, spec }: Pod): void {
  if (metadata?.annotations !== undefined) metadata.annotations = readAnnotations(metadata.annotations);
  if (spec === undefined) return;
  delete spec.volumes;
  const containers: readonly (readonly Container[] | undefined)[] = [spec.containers, spec.initContainers];
  for (const container of containers.flatMap((each) => each ?? [])) {
    for (const field of UNREAD_OF_CONTAINERS) delete container[field];
  }
}

function readAnnotations(annotations: Readonly<Record<string, string>>): Record<string, string> {
  const read = Object.entries(annotations).filter(([key]) => READ_ANNOTATION.test(key));
  return Object.fromEntries(read.slice(0, MAX_ANNOTATIONS).map(([key, value]) => [key, endOf(value)]));
}

/** A copy: a slice would keep the whole text in memory. */
const endOf = (text: string): string =>
  text.length <= MAX_ANNOTATION ? text : Buffer.from(text.slice(-MAX_ANNOTATION)).toString();
