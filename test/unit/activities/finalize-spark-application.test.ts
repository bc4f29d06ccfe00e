import { describe, expect, it } from 'vitest';
import { finalizeSparkApplication } from '../../../src/activities/watch/finalize-spark-application.ts';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { DRIVER_FINALIZER } from '../../../src/spark/metadata.ts';
import { NativeSubmitter, Submitters, type LostSubmission } from '../../../src/submitters/index.ts';
import { DEFAULT_TIMINGS } from '../../../src/timings/index.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';

const submission = { submissionId: 'attempt-1', job: 'pi-submit', serviceAccount: 'spark' };
const driver = { metadata: { name: 'pi-driver', uid: 'uid', finalizers: [DRIVER_FINALIZER] } };
const podOf = (phase: string): Pod => ({ metadata: { name: 'pi-submit-x', uid: 'job-pod' }, status: { phase } });

/** The removal of a driver's finalizer, next to the pods of a Job that a lost try has left. */
async function finalized(jobPods: readonly Pod[]) {
  const calls: string[] = [];
  const kubernetes = {
    ...{ now: () => Date.now(), get: async () => driver },
    async *list() {
      yield jobPods;
    },
    delete: async (_resource: unknown, _namespace: string, name: string) => calls.push(`delete ${name}`),
    patch: async () => calls.push('remove the finalizer'),
  } as unknown as KubernetesClient;
  const withdraw = async ({ job }: LostSubmission) => void calls.push(`withdraw ${job}`);
  const submitters = new Submitters([Object.assign(new NativeSubmitter(), { withdraw })]);
  const input = { namespace: 'default', driverPodName: 'pi-driver', driverPodUid: 'uid', submission };
  const failure: unknown = await new ActivityEnvironment()
    .run(finalizeSparkApplication, kubernetes, input, DEFAULT_TIMINGS, submitters)
    .then(() => undefined)
    .catch((error: unknown) => error);
  return { calls, failure };
}

describe('the finalizer of a driver whose submission may have a Job', () => {
  it('stays until the Job is deleted, its pod has ended, and no request of it can be carried out', async () => {
    const { calls, failure } = await finalized([podOf('Running')]);
    expect(calls).toEqual(['withdraw pi-submit', 'delete pi-submit-x']);
    expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: false, nextRetryDelay: 70_000 });
  });

  it.each([
    ['was deleted before', []],
    ['has ended', [podOf('Succeeded')]],
  ])('is removed where the Job %s', async (_, jobPods) => {
    const { calls, failure } = await finalized(jobPods);
    expect(failure).toBeUndefined();
    expect(calls).toEqual(['withdraw pi-submit', 'remove the finalizer']);
  });
});
