import type { Client } from '@temporalio/client';
import {
  DRIVER_SELECTOR,
  DriverSweep,
  releaseDriver,
  type SweepAction,
} from '../../../activities/housekeeping/driver-sweep.ts';
import { isHeld } from '../../../activities/watch/driver-observation.ts';
import {
  connectKubernetes,
  isKubernetesError,
  Resources,
  type KubernetesClient,
  type KubernetesError,
  type KubernetesOptions,
} from '../../../kubernetes/index.ts';
import type { Pod } from '../../../kubernetes/objects.ts';
import type { NamedCluster } from '../../../worker/clusters-file.ts';
import { present } from '../../../validation/present.ts';

export interface ReleaseOptions {
  /** Instead of `kubernetes`: several clusters. */
  readonly clusters?: readonly NamedCluster[];
  /** Called for each of these that is not reachable; the others are processed. @default it throws */
  readonly onUnreachable?: (cluster: string, error: KubernetesError) => void;
  /** @default the kubeconfig of the environment, or the pod's service account */
  readonly kubernetes?: KubernetesOptions;
  /** Namespaces of Kubernetes. @default all */
  readonly namespaces?: readonly string[];
  /** Return the drivers that would be released, and release none. @default false */
  readonly dryRun?: boolean;
  /** Minimum age of the drivers to consider, in milliseconds. @default 60000 */
  readonly graceMs?: number;
  /** Milliseconds after its end at which a driver with an unknown workflow is released. @default 3600000 */
  readonly unknownGraceMs?: number;
  /** Called for each driver when it is released. */
  readonly onRelease?: (released: ReleasedDriver) => void;
}

/** A driver whose finalizer was removed, or would be, or could not be. */
export interface ReleasedDriver extends Pick<SweepAction, 'namespace' | 'pod' | 'why' | 'problem'> {
  /** Its name, where there are several. */
  readonly cluster?: string;
}

const PAGE_SIZE = 200;

/**
 * Releases the drivers whose workflow cannot, as housekeeping does; deletes nothing.
 *
 * @throws ServiceError where Temporal, KubernetesError where the API server does not answer
 */
export async function releaseOrphans(
  temporal: Client,
  options: ReleaseOptions = {},
): Promise<readonly ReleasedDriver[]> {
  return release(options, DRIVER_SELECTOR, async (kubernetes, pods, released) => {
    const sweep = new DriverSweep(kubernetes, temporal, options);
    for (const action of (await sweep.page(pods.filter(isHeld))).actions) released(action);
  });
}

/**
 * Releases every pod with our finalizer, whatever its workflow does: for uninstalling. Needs no Temporal. A driver that
 * is deleted before its workflow has recorded its exit status is recorded as vanished.
 *
 * @throws KubernetesError where the API server does not answer
 */
export async function releaseAll(options: ReleaseOptions = {}): Promise<readonly ReleasedDriver[]> {
  // Not by labels: they may have been changed.
  return release(options, undefined, async (kubernetes, pods, released) => {
    for (const pod of pods.filter(isHeld)) {
      const driver = {
        namespace: pod.metadata!.namespace!,
        pod: pod.metadata!.name!,
        why: options.dryRun === true ? '--all names every driver' : 'it was released manually',
      };
      try {
        if (options.dryRun === true || (await releaseDriver(kubernetes, pod, driver.why))) released(driver);
      } catch (error) {
        if (!isKubernetesError(error) || error.retryable) throw error;
        released({ ...driver, problem: error.message });
      }
    }
  });
}

type OnPage = (kubernetes: KubernetesClient, pods: Pod[], released: (driver: ReleasedDriver) => void) => Promise<void>;

async function release(
  options: ReleaseOptions,
  labelSelector: string | undefined,
  onPage: OnPage,
): Promise<readonly ReleasedDriver[]> {
  const { kubernetes, clusters, onRelease, onUnreachable } = options;
  const all: ReleasedDriver[] = [];
  const released = (driver: ReleasedDriver) => {
    all.push(driver);
    onRelease?.(driver);
  };
  if (clusters === undefined) await releaseOn(kubernetes, options, labelSelector, onPage, released);
  for (const { name, kubernetes: how } of clusters ?? []) {
    const there = (driver: ReleasedDriver) => released({ cluster: name, ...driver });
    try {
      await releaseOn(how, options, labelSelector, onPage, there);
    } catch (error) {
      if (onUnreachable === undefined || !isKubernetesError(error)) throw error;
      onUnreachable(name, error);
    }
  }
  return all;
}

async function releaseOn(
  how: KubernetesOptions | undefined,
  { namespaces }: ReleaseOptions,
  labelSelector: string | undefined,
  onPage: OnPage,
  released: (driver: ReleasedDriver) => void,
): Promise<void> {
  const kubernetes = await connectKubernetes(how);
  try {
    const options = { limit: PAGE_SIZE, ...present({ labelSelector }) };
    for (const namespace of namespaces ?? [undefined]) {
      for await (const pods of kubernetes.list(Resources.pods, namespace, options)) {
        await onPage(kubernetes, pods, released);
      }
    }
  } finally {
    kubernetes.close();
  }
}
