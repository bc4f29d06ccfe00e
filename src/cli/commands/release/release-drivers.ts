import type { Client } from '@temporalio/client';
import {
  DRIVER_SELECTOR,
  DriverSweep,
  isHeld,
  releaseDriver,
  type SweepAction,
} from '../../../activities/housekeeping/driver-sweep.ts';
import type { NamedCluster } from '../../../worker/clusters-file.ts';
import {
  connectKubernetes,
  isKubernetesError,
  Resources,
  type KubernetesClient,
  type KubernetesError,
  type KubernetesOptions,
} from '../../../kubernetes/index.ts';
import type { Pod } from '../../../kubernetes/objects.ts';

export interface ReleaseOptions {
  /** Where there are several clusters: those that are gone through, instead of `kubernetes`. */
  readonly clusters?: readonly NamedCluster[];
  /** Told of each of these that can't be gone through; the others are. @default it throws */
  readonly onUnreachable?: (cluster: string, error: KubernetesError) => void;
  /** @default the kubeconfig of the environment, or the pod's service account */
  readonly kubernetes?: KubernetesOptions;
  /** Namespaces of Kubernetes. @default all */
  readonly namespaces?: readonly string[];
  /** Say what would be released, and release nothing. @default false */
  readonly dryRun?: boolean;
  /** Youngest driver that is looked at, in milliseconds. @default 60000 */
  readonly graceMs?: number;
  /** Milliseconds after its end until a driver is released whose workflow Temporal does not know. @default 3600000 */
  readonly unknownGraceMs?: number;
  /** Called with each driver as it is released. */
  readonly onRelease?: (released: ReleasedDriver) => void;
}

/** A driver whose finalizer was taken off, or would be, or could not be. */
export interface ReleasedDriver extends Pick<SweepAction, 'namespace' | 'pod' | 'why' | 'problem'> {
  /** Where there are several. */
  readonly cluster?: string;
}

const PAGE_SIZE = 200;

/**
 * Releases the drivers whose workflow can't, as housekeeping does; deletes nothing.
 *
 * @throws ServiceError where Temporal, KubernetesError where the API server can't be asked
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
 * Releases every pod that carries our finalizer, whatever its workflow does: for uninstalling. Asks no Temporal. A
 * driver that is deleted before its workflow has seen its end is recorded as vanished.
 *
 * @throws KubernetesError where the API server can't be asked
 */
export async function releaseAll(options: ReleaseOptions = {}): Promise<readonly ReleasedDriver[]> {
  // Not by labels: those may have been changed.
  return release(options, undefined, async (kubernetes, pods, released) => {
    for (const pod of pods.filter(isHeld)) {
      const told = { namespace: pod.metadata!.namespace!, pod: pod.metadata!.name!, why: 'it was released by hand' };
      try {
        if (options.dryRun === true || (await releaseDriver(kubernetes, pod, told.why))) released(told);
      } catch (error) {
        if (!isKubernetesError(error) || error.retryable) throw error;
        released({ ...told, problem: error.message });
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
    const options = { limit: PAGE_SIZE, ...(labelSelector === undefined ? {} : { labelSelector }) };
    for (const namespace of namespaces ?? [undefined]) {
      for await (const pods of kubernetes.list(Resources.pods, namespace, options)) {
        await onPage(kubernetes, pods, released);
      }
    }
  } finally {
    kubernetes.close();
  }
}
