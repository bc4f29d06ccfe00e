import {
  isKubernetesError,
  KubernetesErrorType,
  type KubernetesClient,
  type Resource,
} from '../../../kubernetes/index.ts';
import type { KubernetesObject } from '../../../kubernetes/objects.ts';
import { warning, type Finding } from './finding.ts';

export type Read<T> = { readonly value: T } | { readonly problem: string };

/** A missing permission of this account is not a defect of the cluster. */
export async function readable<T>(read: () => Promise<T>): Promise<Read<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!isKubernetesError(error, KubernetesErrorType.Forbidden)) throw error;
    return { problem: error.message };
  }
}

export const unseen = (check: string, problem: string): Finding =>
  warning(check, 'not checked: this account may not list them', problem);

export async function listed<T extends KubernetesObject>(
  kubernetes: KubernetesClient,
  resource: Resource<T>,
  namespace: string | undefined,
  labelSelector?: string,
): Promise<T[]> {
  const items: T[] = [];
  const options = labelSelector === undefined ? {} : { labelSelector };
  for await (const page of kubernetes.list(resource, namespace, options)) items.push(...page);
  return items;
}
