import type { KubernetesObject, Pod } from '../objects.ts';
import { present } from '../../validation/present.ts';

/** Of the annotations of pods, those of this product are read from views. Others write the rest. */
const OUR_ANNOTATION = /^temporal-spark\//;

/**
 * Drops what is not read from views and is often most of an object. Users write the specs of pods, which may have a
 * megabyte: of these, what is read is kept, which is the node, and the names and ports of containers.
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

function trimPod(pod: Pod): void {
  const { metadata, spec } = pod;
  if (metadata?.annotations !== undefined) metadata.annotations = ours(metadata.annotations);
  if (spec === undefined) return;
  const containers = spec.containers.map(({ name, ports }) => present({ name, ports }));
  pod.spec = present({ nodeName: spec.nodeName, containers });
}

const ours = (annotations: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(annotations).filter(([key]) => OUR_ANNOTATION.test(key)));
