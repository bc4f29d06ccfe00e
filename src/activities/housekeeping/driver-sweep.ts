import type { Client } from '@temporalio/client';
import {
  FinalizerRemoval,
  isKubernetesError,
  removeFinalizer,
  Resources,
  type KubernetesClient,
} from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import type { SweepInput } from '../../protocol/index.ts';
import { Annotation, DRIVER_FINALIZER, Label } from '../../spark/metadata.ts';
import { ownerOf, ownerState, type OwnerState } from './driver-owner.ts';
import { endOf, isHeld, isUnconfirmed, viewDriver } from '../watch/driver-observation.ts';
import { namespaceId } from '../namespace-id.ts';
import { recordPodEvent } from '../record-pod-event.ts';
import { RunHistory } from './run-history.ts';
import { present } from '../../validation/present.ts';

/** The drivers of all applications, by their labels. */
export const DRIVER_SELECTOR = `${Label.SubmissionId},spark-role=driver`;

/** Which drivers are swept, and whether anything is changed. */
export interface SweepSettings extends Pick<SweepInput, 'graceMs' | 'unknownGraceMs' | 'dryRun'> {
  /** Stop drivers that run for a workflow that has ended by itself. @default they are released */
  readonly stops?: boolean;
}

/** An action that was performed, is planned by a dry run, or failed. */
export interface SweepAction {
  readonly action: 'release' | 'stop' | 'delete';
  readonly namespace: string;
  readonly pod: string;
  readonly why: string;
  /** Why it failed. */
  readonly problem?: string;
}

/** The findings of one page of drivers. */
export interface SweptPage {
  readonly drivers: number;
  readonly actions: readonly SweepAction[];
  /** When drivers that still have the finalizer ended or were deleted, by the worker's clock. */
  readonly heldSince: readonly number[];
}

interface Orphan {
  readonly why: string;
  /** Its workflow ended by itself. */
  readonly byItself: boolean;
}

/** Concurrent requests to Temporal. */
const CONCURRENCY = 8;

/**
 * Sweeps drivers page by page: releases those whose workflow cannot, stops those that run although their workflow has
 * ended by itself (a submission that was late; it is released once it has ended), and deletes those whose time to live is over and
 * those of a schedule's earlier runs that its history limits do not keep. The driver and its workflow are re-read
 * before each action; the action names the pod's UID.
 */
export class DriverSweep {
  private readonly kubernetes: KubernetesClient;
  private readonly temporal: Client;
  private readonly settings: Required<SweepSettings>;
  private readonly signal: AbortSignal | undefined;

  constructor(
    kubernetes: KubernetesClient,
    temporal: Client,
    { graceMs = 60_000, unknownGraceMs = 3_600_000, dryRun = false, stops = false }: SweepSettings,
    signal?: AbortSignal,
  ) {
    this.kubernetes = kubernetes;
    this.temporal = temporal;
    this.settings = { graceMs, unknownGraceMs, dryRun, stops };
    this.signal = signal;
  }

  /** @throws ServiceError where Temporal, KubernetesError where the API server fails the request */
  async page(pods: readonly Pod[]): Promise<SweptPage> {
    const actions: SweepAction[] = [];
    const heldSince: number[] = [];
    const history = new RunHistory(this.kubernetes, this.signal);
    for (let index = 0; index < pods.length; index += CONCURRENCY) {
      this.signal?.throwIfAborted();
      const batch = pods.slice(index, index + CONCURRENCY);
      await Promise.all(
        batch.map(async (pod) => {
          const action = await this.sweep(pod, history);
          if (action !== undefined) actions.push(action);
          const since = isHeld(pod) ? overSince(pod) : undefined;
          if (since !== undefined && (action === undefined || action.problem !== undefined)) {
            heldSince.push(Date.now() - this.ageOf(since));
          }
        }),
      );
    }
    return { drivers: pods.length, actions, heldSince };
  }

  /** In milliseconds, at least 0: the clock of the API server is known to half a second, so a recent time may lie ahead. */
  private ageOf(since: number): number {
    return Math.max(0, this.kubernetes.now() - since);
  }

  private async sweep(pod: Pod, history: RunHistory): Promise<SweepAction | undefined> {
    if (this.ageOf(Date.parse(pod.metadata!.creationTimestamp!)) < this.settings.graceMs) return undefined;
    return isHeld(pod) ? this.sweepHeld(pod) : this.sweepReleased(pod, history);
  }

  private async sweepHeld(pod: Pod): Promise<SweepAction | undefined> {
    const orphan = await this.orphaned(pod);
    // What may still run is not released: the next run of the application would start next to it.
    if (orphan === undefined || isUnconfirmed(pod)) return undefined;
    const { why } = orphan;
    const action = this.settings.stops && orphan.byItself && stillRuns(pod) ? 'stop' : 'release';
    return this.act(action, pod, why, async () => {
      const again = await this.read(pod);
      if (again === undefined || !isHeld(again) || isUnconfirmed(again) || (await this.orphaned(again)) === undefined)
        return false;
      if (action === 'stop') return stopDriver(this.kubernetes, again, why, this.signal);
      return releaseDriver(this.kubernetes, again, why, this.signal);
    });
  }

  private async sweepReleased(pod: Pod, history: RunHistory): Promise<SweepAction | undefined> {
    if (!(await this.isOurs(pod))) return undefined;
    const why = expired(pod, this.settings.graceMs, (since) => this.ageOf(since)) ?? (await history.surplus(pod));
    if (why === undefined) return undefined;
    return this.act('delete', pod, why, async () => {
      const again = await this.read(pod);
      if (again === undefined || isHeld(again)) return false;
      const { namespace, name, uid } = pod.metadata!;
      // It has no finalizer, so it is deleted at once, and its dependents after it.
      return this.kubernetes.delete(Resources.pods, namespace, name!, {
        uid: uid!,
        propagationPolicy: 'Background',
        ...(this.signal && { signal: this.signal }),
      });
    });
  }

  /** Why no workflow is left to release the driver; undefined where one is, or might be. */
  private async orphaned(pod: Pod): Promise<Orphan | undefined> {
    const owner = ownerOf(pod);
    // A pod without an owner, or of another Temporal server or namespace, is left alone.
    if (owner === undefined || !(await this.isOurs(pod))) return undefined;
    const asked: OwnerState = await ownerState(this.temporal, owner);
    switch (asked.state) {
      case 'open':
        return undefined;
      case 'closed':
        return asked;
      case 'unknown': {
        const since = overSince(pod);
        const isOver = since !== undefined && this.ageOf(since) >= this.settings.unknownGraceMs;
        return isOver ? { why: asked.why, byItself: false } : undefined;
      }
      default:
        return asked satisfies never;
    }
  }

  private async isOurs(pod: Pod): Promise<boolean> {
    const { temporalNamespace, temporalNamespaceId: id } = ownerOf(pod) ?? {};
    if (temporalNamespace !== this.temporal.options.namespace) return false;
    return id === undefined || id === (await namespaceId(this.temporal));
  }

  private async read({ metadata }: Pod): Promise<Pod | undefined> {
    const options = present({ signal: this.signal });
    const pod = await this.kubernetes.get(Resources.pods, metadata!.namespace, metadata!.name!, options);
    return pod?.metadata?.uid === metadata!.uid ? pod : undefined;
  }

  /** A failure for one pod does not block the others. */
  private async act(
    action: SweepAction['action'],
    { metadata }: Pod,
    why: string,
    perform: () => Promise<boolean>,
  ): Promise<SweepAction | undefined> {
    const swept: SweepAction = { action, namespace: metadata!.namespace!, pod: metadata!.name!, why };
    if (this.settings.dryRun) return swept;
    try {
      return (await perform()) ? swept : undefined;
    } catch (error) {
      if (!isKubernetesError(error) || error.retryable) throw error;
      return { ...swept, problem: error.message };
    }
  }
}

/**
 * Removes our finalizer from a driver, and records why in an Event of the pod. False where it was already removed.
 *
 * @throws KubernetesError
 */
export async function releaseDriver(
  kubernetes: KubernetesClient,
  pod: Pod,
  why: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const { namespace, name, uid } = pod.metadata!;
  const options = present({ signal });
  const target = { namespace: namespace!, name: name!, uid: uid!, finalizer: DRIVER_FINALIZER };
  if ((await removeFinalizer(kubernetes, target, options)) !== FinalizerRemoval.Removed) return false;
  await recordPodEvent(
    kubernetes,
    {
      ...{ namespace: namespace!, pod: name!, uid: uid! },
      ...{ type: 'Normal', reason: 'FinalizerReleased' },
      message: `Removed the finalizer ${DRIVER_FINALIZER} from the driver: ${why}.`,
      by: 'housekeeping',
    },
    options,
  );
  return true;
}

/**
 * Deletes a driver that still runs, and records why in an Event of the pod. Its finalizer keeps it until it has ended.
 *
 * @throws KubernetesError
 */
async function stopDriver(kubernetes: KubernetesClient, pod: Pod, why: string, signal?: AbortSignal): Promise<boolean> {
  const { namespace, name, uid } = pod.metadata!;
  const options = present({ signal });
  const deletion = { uid: uid!, propagationPolicy: 'Foreground', ...options } as const;
  if (!(await kubernetes.delete(Resources.pods, namespace, name!, deletion))) return false;
  await recordPodEvent(
    kubernetes,
    {
      ...{ namespace: namespace!, pod: name!, uid: uid! },
      ...{ type: 'Warning', reason: 'DriverStopped' },
      message: `Deleted the driver, which no workflow wants: ${why}.`,
      by: 'housekeeping',
    },
    options,
  );
  return true;
}

function stillRuns(pod: Pod): boolean {
  return pod.metadata?.deletionTimestamp === undefined && viewDriver(pod).phase !== 'ended';
}

/** Since when the driver has ended or is deleted, by the API server's clock. */
function overSince(pod: Pod): number | undefined {
  const view = viewDriver(pod);
  const { deletionTimestamp } = pod.metadata!;
  const times = [deletionTimestamp, view.phase === 'ended' ? endOf(pod, view.outcome.finishedAt) : undefined];
  const known = times.filter((time) => time !== undefined).map((time) => Date.parse(time));
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Why a released driver may be deleted; undefined while it may stay. */
function expired(pod: Pod, graceMs: number, ageOf: (since: number) => number): string | undefined {
  const annotation = pod.metadata?.annotations?.[Annotation.TimeToLiveSeconds] ?? '';
  if (!/^\d+$/.test(annotation) || pod.metadata?.deletionTimestamp !== undefined) return undefined;
  const view = viewDriver(pod);
  if (view.phase !== 'ended') return undefined;
  const end = endOf(pod, view.outcome.finishedAt);
  if (ageOf(Date.parse(end)) < Math.max(Number(annotation) * 1000, graceMs)) return undefined;
  return `it ended at ${end}, and its time to live is ${annotation} s`;
}
