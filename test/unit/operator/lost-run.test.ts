import { expect, it } from 'vitest';
import type { KubernetesClient, Pod } from '../../../src/kubernetes/index.ts';
import { readLostRun } from '../../../src/operator/lost-run.ts';
import { readSparkApplication } from '../../../src/operator/resource.ts';
import { Label } from '../../../src/spark/metadata.ts';

const submissionID = '1c0d8a6e-9d6b-8e42-a1a5-5a2f6f2f9a01';
const resource = readSparkApplication({
  metadata: { namespace: 'etl', name: 'pi', uid: 'r', generation: 1 },
  status: {
    applicationState: { state: 'RUNNING' },
    ...{ submissionID, sparkApplicationId: 'spark-1', driverInfo: { podName: 'pi-driver' } },
    lastSubmissionAttemptTime: '2026-01-01T00:00:00.000Z',
  },
});
const finishedAt = '2026-01-01T00:05:00Z';
const podWith = (state: object, phase: string, submission = submissionID): Pod =>
  ({
    metadata: { labels: { [Label.SubmissionId]: submission } },
    spec: { containers: [{ name: 'spark-kubernetes-driver' }] },
    status: { phase, containerStatuses: [{ name: 'spark-kubernetes-driver', state }] },
  }) as unknown as Pod;
const read = (pod: Pod | undefined) => readLostRun({ get: async () => pod } as unknown as KubernetesClient, resource);

it('has no end while the driver of a lost run runs', async () => {
  expect(await read(podWith({ running: {} }, 'Running'))).toBeUndefined();
});

it('has completed where its driver did, also while a sidecar runs', async () => {
  const lost = await read(podWith({ terminated: { exitCode: 0, finishedAt } }, 'Running'));
  expect(lost).toMatchObject({ state: 'COMPLETED', submissionId: submissionID, exitCode: 0, finishedAt });
});

it('has failed as its driver did, and the message states that the history is gone', async () => {
  const lost = await read(podWith({ terminated: { exitCode: 3, reason: 'Error', finishedAt } }, 'Failed'));
  expect(lost).toMatchObject({ state: 'FAILED', exitCode: 3, reason: 'Error' });
  expect(lost!.message).toBe('Error; Temporal has no record of its workflow');
});

it.each([
  ['gone', undefined],
  ['of another submission', podWith({ running: {} }, 'Running', 'another')],
])('has failed where the pod of its driver is %s', async (_, pod) => {
  const lost = await read(pod);
  expect(lost).toMatchObject({ state: 'FAILED', reason: 'DriverVanished' });
  expect(lost!.message).toBe('pod pi-driver does not exist; Temporal has no record of its workflow');
});
