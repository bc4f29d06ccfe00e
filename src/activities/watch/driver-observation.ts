import type { ContainerStatus, Pod } from '../../kubernetes/objects.ts';
import { DriverReason, type DriverOutcome, type DriverProblem } from '../../protocol/index.ts';
import { DRIVER_FINALIZER } from '../../spark/metadata.ts';
import { maskSecrets } from '../../validation/secrets.ts';

/** What one observation of a driver pod shows. Facts only; the wait decides whether a cache is current enough. */
export type DriverView =
  | { readonly phase: 'pending'; readonly waiting?: DriverProblem }
  | {
      readonly phase: 'running';
      readonly startedAt?: string;
      /** False where the pod does not count as ready: a probe fails, or its node does not answer. */
      readonly ready: boolean;
    }
  | { readonly phase: 'ended'; readonly outcome: DriverOutcome };

/** Reasons for which a container does not start, and that rarely resolve. */
export const START_PROBLEMS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/** Where Spark >= 4.1 leaves the exception a driver died of. */
const EXIT_EXCEPTION_ANNOTATION = 'spark.exit-exception';
/** The kubelet's, with exit code 137, of a container that it does not find: one it lost, or one that it never started. */
const CONTAINER_STATUS_UNKNOWN = 'ContainerStatusUnknown';
const DEFAULT_DRIVER_CONTAINER = 'spark-kubernetes-driver';
const MESSAGE_LIMIT = 4096;

/**
 * Reads a driver pod: the exit of the driver *container* decides before the pod's phase, because sidecars may outlive
 * it and an eviction may fail a pod whose driver had finished.
 */
export function viewDriver(pod: Pod): DriverView {
  const deleted = pod.metadata?.deletionTimestamp !== undefined;
  const container = driverContainer(pod);
  const terminated = container?.state?.terminated;
  const disruption = pod.status?.conditions?.find(
    ({ type, status }) => type === 'DisruptionTarget' && status === 'True',
  );
  if (terminated !== undefined) {
    const succeeded = terminated.exitCode === 0;
    const message = pod.metadata?.annotations?.[EXIT_EXCEPTION_ANNOTATION] ?? terminated.message;
    return {
      phase: 'ended',
      outcome: {
        succeeded,
        ...(isInvented(terminated) ? {} : { exitCode: terminated.exitCode }),
        reason:
          (succeeded ? undefined : (pod.status?.reason ?? disruption?.reason)) ??
          terminated.reason ??
          (succeeded ? DriverReason.Completed : DriverReason.Error),
        // Of a driver that succeeded it is what the application itself wrote to its termination log.
        ...optional('message', succeeded ? shortened(terminated.message) : masked(message ?? pod.status?.message)),
        ...optional('startedAt', terminated.startedAt),
        ...optional('finishedAt', terminated.finishedAt),
        deleted,
      },
    };
  }
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') {
    // No container status: evicted before it started, deleted before it was scheduled, or lost with its node.
    return {
      phase: 'ended',
      outcome: {
        succeeded: phase === 'Succeeded',
        reason:
          pod.status?.reason ??
          disruption?.reason ??
          (phase === 'Succeeded' ? DriverReason.Completed : deleted ? DriverReason.Deleted : DriverReason.Error),
        ...optional('message', masked(pod.status?.message ?? disruption?.message)),
        deleted,
      },
    };
  }
  if (deleted && container === undefined && pod.spec?.nodeName === undefined) {
    // It cannot be scheduled any more: nothing of it will ever run.
    const outcome = {
      succeeded: false,
      reason: DriverReason.Deleted,
      message: 'Deleted before it was scheduled.',
      deleted,
    };
    return { phase: 'ended', outcome };
  }
  const running = container?.state?.running;
  if (running !== undefined) {
    const ready = pod.status?.conditions?.every(({ type, status }) => type !== 'Ready' || status !== 'False') ?? true;
    return { phase: 'running', ...optional('startedAt', running.startedAt), ready };
  }
  return { phase: 'pending', ...optional('waiting', pendingReason(pod, container)) };
}

/** The exit code of a container that never ran is the kubelet's own; a time that was not set is null. */
function isInvented({ reason, startedAt }: { readonly reason?: string; readonly startedAt?: string | null }): boolean {
  return reason === CONTAINER_STATUS_UNKNOWN && startedAt == null;
}

function pendingReason(pod: Pod, container: ContainerStatus | undefined): DriverProblem | undefined {
  const waiting = [container, ...(pod.status?.initContainerStatuses ?? [])]
    .map((status) => status?.state?.waiting)
    .find((state) => state?.reason !== undefined && !['ContainerCreating', 'PodInitializing'].includes(state.reason));
  if (waiting !== undefined) return { reason: waiting.reason!, ...optional('message', masked(waiting.message)) };
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unscheduled?.reason === undefined) return undefined;
  return { reason: unscheduled.reason, ...optional('message', masked(unscheduled.message)) };
}

function driverContainer(pod: Pod): ContainerStatus | undefined {
  const statuses = pod.status?.containerStatuses ?? [];
  // Spark moves its own container to the end of the list; a template may have named it differently.
  const name = pod.spec?.containers.some(({ name }) => name === DEFAULT_DRIVER_CONTAINER)
    ? DEFAULT_DRIVER_CONTAINER
    : pod.spec?.containers.at(-1)?.name;
  return statuses.find((status) => status.name === name);
}

/** The name of the container Spark runs in. */
export function driverContainerName(pod: Pod): string | undefined {
  return driverContainer(pod)?.name;
}

/** A message for the history of a workflow, which every user can read. */
const masked = (text: string | undefined): string | undefined =>
  shortened(text === undefined ? undefined : maskSecrets(text));

function shortened(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  return text.length <= MESSAGE_LIMIT ? text : `…${text.slice(-MESSAGE_LIMIT)}`;
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

/**
 * Whether a driver was deleted, and no kubelet has confirmed its end: its process may still run. The finalizer keeps
 * such a pod, also one that was deleted by force, until its node confirms, or Kubernetes fails it with its node.
 */
export function isUnconfirmed(pod: Pod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined && viewDriver(pod).phase !== 'ended';
}

/** Whether our finalizer keeps the pod. */
export function isHeld({ metadata }: Pod): boolean {
  return metadata?.finalizers?.includes(DRIVER_FINALIZER) === true;
}

/**
 * When a driver that has ended did so, RFC 3339: by the API server's clock, the last change of its status; the times in
 * the status are of the node's clock, and count only where the API server has kept none.
 */
export function endOf({ metadata = {}, status }: Pod, finishedAt: string | undefined): string {
  const { managedFields = [], creationTimestamp = '' } = metadata;
  const stamped = managedFields.flatMap(({ subresource, time }) => (subresource === 'status' && time ? [time] : []));
  const changes = status?.conditions?.flatMap(({ lastTransitionTime }) => lastTransitionTime ?? []) ?? [];
  const end = stamped.toSorted().at(-1) ?? finishedAt ?? changes.toSorted().at(-1) ?? creationTimestamp;
  return end < creationTimestamp ? creationTimestamp : end;
}
