import type { Client } from '@temporalio/client';
import { DRIVER_SELECTOR, DriverSweep, isHeld, releaseDriver, type SweepAction } from './activities/driver-sweep.ts';
import { connectKubernetes, isKubernetesError, Resources, type KubernetesOptions } from './kubernetes/index.ts';
import type { Pod } from './kubernetes/objects.ts';

export interface ReleaseOptions {
  /** @default the kubeconfig of the environment, or the pod's service account */
  readonly kubernetes?: KubernetesOptions;
  /** Namespace of Kubernetes. @default all */
  readonly namespace?: string;
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
export type ReleasedDriver = Pick<SweepAction, 'namespace' | 'pod' | 'why' | 'problem'>;

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

async function release(
  { kubernetes: cluster, namespace, onRelease }: ReleaseOptions,
  labelSelector: string | undefined,
  onPage: (
    kubernetes: Awaited<ReturnType<typeof connectKubernetes>>,
    pods: Pod[],
    released: (driver: ReleasedDriver) => void,
  ) => Promise<void>,
): Promise<readonly ReleasedDriver[]> {
  const kubernetes = await connectKubernetes(cluster);
  const all: ReleasedDriver[] = [];
  try {
    const options = { limit: PAGE_SIZE, ...(labelSelector === undefined ? {} : { labelSelector }) };
    for await (const pods of kubernetes.list(Resources.pods, namespace, options)) {
      await onPage(kubernetes, pods, (driver) => {
        all.push(driver);
        onRelease?.(driver);
      });
    }
  } finally {
    kubernetes.close();
  }
  return all;
}
