import type { ContainerStatus, Pod } from '../kubernetes/objects.ts';

/** Spark's names of its own containers. */
const CONTAINERS: readonly string[] = ['spark-kubernetes-driver', 'spark-kubernetes-executor'];

/** The name of Spark's container: Spark moves it to the end, and a template may have named it differently. */
export function containerOf({ spec }: Pod): string {
  const names = spec!.containers.map(({ name }) => name);
  return names.find((name) => CONTAINERS.includes(name)) ?? names.at(-1)!;
}

/** Whether Spark's container runs, or has run: before, the kubelet has no log of it. */
export function hasStarted(pod: Pod): boolean {
  const state = statusOf(pod)?.state;
  return state?.running !== undefined || state?.terminated !== undefined;
}

export function isRunning(pod: Pod): boolean {
  return statusOf(pod)?.state?.running !== undefined;
}

/** Why Spark's container does not run yet, as Kubernetes has it. */
export function waitingReason(pod: Pod): string | undefined {
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  return statusOf(pod)?.state?.waiting?.reason ?? unscheduled?.reason;
}

function statusOf(pod: Pod): ContainerStatus | undefined {
  const name = containerOf(pod);
  return pod.status?.containerStatuses?.find((status) => status.name === name);
}
