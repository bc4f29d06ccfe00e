import { describe, expect, it } from 'vitest';
import { removePreviousDriver } from '../../../src/activities/submit/previous-driver.ts';
import { finalizeSparkApplication } from '../../../src/activities/watch/finalize-spark-application.ts';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { attemptIdentity } from '../../../src/spark/index.ts';
import { DRIVER_FINALIZER } from '../../../src/spark/metadata.ts';
import { DEFAULT_TIMINGS } from '../../../src/timings/index.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';

const identityOf = (attempt: number, firstRunId = 'first') =>
  attemptIdentity({
    ...{ workflowId: 'spark/default/pi', firstRunId, attempt, temporalNamespace: 'default' },
    ...{ applicationName: 'pi', driverPodName: 'pi-driver', submitTime: 0 },
  });

/** A driver that was deleted by force: only our finalizer keeps it. */
function deletedDriver(firstRunId = 'first'): Pod {
  const { labels, annotations } = identityOf(1, firstRunId);
  const name = 'spark-kubernetes-driver';
  const state = { running: {} };
  return {
    metadata: {
      ...{ name: 'pi-driver', namespace: 'default', uid: 'uid', finalizers: [DRIVER_FINALIZER] },
      ...{ labels: { ...labels }, annotations: { ...annotations } },
      ...{ deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 },
    },
    spec: { nodeName: 'lost', containers: [{ name }] },
    status: { containerStatuses: [{ name, image: '', imageID: '', ready: true, restartCount: 0, state }] },
  };
}

/** A cluster with that pod. Its end is confirmed at that read; with the finalizer it is gone. */
function clusterWith(pod: Pod, confirmedAt = Infinity) {
  let reads = 0;
  let isGone = false;
  const [container] = pod.status!.containerStatuses!;
  const ended: Pod = {
    ...pod,
    status: { containerStatuses: [{ ...container!, state: { terminated: { exitCode: 137 } } }] },
  };
  const kubernetes = {
    get: async () => (isGone ? undefined : (reads += 1) >= confirmedAt ? ended : pod),
    patch: async () => (isGone = true),
    delete: async () => true,
  } as unknown as KubernetesClient;
  return { kubernetes, isGone: () => isGone };
}

const finalize = (kubernetes: KubernetesClient, unconfirmed: boolean) =>
  new ActivityEnvironment().run(finalizeSparkApplication, kubernetes, {
    ...{ namespace: 'default', driverPodName: 'pi-driver', driverPodUid: 'uid', unconfirmed },
  });

describe('a driver that was deleted by force on a node that does not answer', () => {
  it('keeps its finalizer when its outcome is recorded, until its end is confirmed', async () => {
    const silent = clusterWith(deletedDriver());
    expect(await finalize(silent.kubernetes, true)).toEqual({ finalizer: 'kept' });
    expect(silent.isGone()).toBe(false);
    const confirmed = clusterWith(deletedDriver(), 0);
    expect(await finalize(confirmed.kubernetes, true)).toEqual({ finalizer: 'removed' });
    // An outcome that was observed is a confirmation.
    expect(await finalize(clusterWith(deletedDriver()).kubernetes, false)).toEqual({ finalizer: 'removed' });
  });

  it.each([
    ['attempt', 'first'],
    ['run of the application', 'before'],
  ])('blocks the next %s until its end is confirmed', async (_, firstRunId) => {
    const remove = (kubernetes: KubernetesClient, timings = DEFAULT_TIMINGS) =>
      removePreviousDriver(kubernetes, 'default', identityOf(2), new AbortController().signal, timings);
    const silent = clusterWith(deletedDriver(firstRunId));
    const impatient = { ...DEFAULT_TIMINGS, previousDriverTimeoutMs: 1 };
    await expect(remove(silent.kubernetes, impatient)).rejects.toMatchObject({
      ...{ type: 'Conflict', retryable: true },
      message: expect.stringContaining(
        'still terminating; waiting for node lost to confirm (or delete the node)',
      ) as string,
    });
    expect(silent.isGone()).toBe(false);
    const confirmed = clusterWith(deletedDriver(firstRunId), 2);
    await remove(confirmed.kubernetes);
    expect(confirmed.isGone()).toBe(true);
  });
});
