import { expect, it } from 'vitest';
import { stopSparkDriver } from '../../../src/activities/watch/stop-spark-driver.ts';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { Label } from '../../../src/spark/metadata.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';

const driver = { namespace: 'default', driverPodName: 'pi-driver', submissionId: 'attempt-1', driverPodUid: 'uid' };

/** The grace periods of the deletions of a driver that is being deleted with that grace period. */
async function deletions(before: number, gracePeriodSeconds?: number, label = 'attempt-1'): Promise<unknown[]> {
  const name = 'spark-kubernetes-driver';
  let state: object = { running: {} };
  const pod = (): Pod => ({
    metadata: {
      ...{ name: 'pi-driver', uid: 'uid', labels: { [Label.SubmissionId]: label, 'spark-role': 'driver' } },
      ...{ deletionTimestamp: new Date(Date.now() + before * 1000).toISOString(), deletionGracePeriodSeconds: before },
    },
    spec: { nodeName: 'node', containers: [{ name }] },
    status: { containerStatuses: [{ name, image: '', imageID: '', ready: true, restartCount: 0, state }] },
  });
  const lease = {
    ...{ ready: Promise.resolve(), get: pod, list: () => [pod()] },
    ...{ subscribe: () => () => undefined, release: () => undefined },
  };
  const asked: unknown[] = [];
  const kubernetes = {
    ...{ watch: () => lease, now: () => Date.now(), logs: () => Promise.resolve('') },
    get: () => {
      const seen = pod();
      // It ends before it is read again.
      state = { terminated: { exitCode: 143 } };
      return Promise.resolve(seen);
    },
    delete: (...[, , , options]: unknown[]) => {
      asked.push((options as { gracePeriodSeconds?: number }).gracePeriodSeconds);
      return Promise.resolve(true);
    },
  } as unknown as KubernetesClient;
  const input = { ...driver, ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }) };
  const stopped = await new ActivityEnvironment().run(stopSparkDriver, kubernetes, input);
  expect(stopped).toMatchObject({ outcome: { exitCode: 143 } });
  return asked;
}

it.each<[string, number | undefined, number[]]>([
  ['again with a shorter grace period', 5, [5]],
  ['only once without a grace period', undefined, []],
  ['only once with a longer grace period', 600, []],
])('a driver that is being deleted is deleted %s', async (_, gracePeriodSeconds, expected) => {
  expect(await deletions(300, gracePeriodSeconds)).toEqual(expected);
});

it('a driver whose label was taken off is stopped all the same', async () => {
  expect(await deletions(300, 5, '')).toEqual([5]);
});
