import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { stopSparkDriver } from '../../../src/activities/watch/stop-spark-driver.ts';
import { KubernetesError, KubernetesErrorType, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import type { StoppedDriver, UnsettledSubmission } from '../../../src/protocol/index.ts';
import { Label } from '../../../src/spark/metadata.ts';

const reference = { namespace: 'default', driverPodName: 'pi-driver', submissionId: 'attempt-1' };
const name = 'spark-kubernetes-driver';
const ended = { terminated: { exitCode: 143 } };
const driver: Pod = {
  metadata: { name: 'pi-driver', uid: 'uid', labels: { [Label.SubmissionId]: 'attempt-1' } },
  spec: { nodeName: 'node', containers: [{ name }] },
  status: { containerStatuses: [{ name, image: '', imageID: '', ready: true, restartCount: 0, state: ended }] },
};
const jobPod: Pod = { metadata: { name: 'pi-submit-x', uid: 'job-pod' }, status: { phase: 'Running' } };

interface Cluster {
  /** Pods of the submission's Job, at each list. */
  readonly jobPods?: readonly Pod[][];
  /** At which read the driver appears; never without. */
  readonly appearsAt?: number;
}

/** What becomes of a stop that finds no driver at first, and what it deletes. */
async function stopped({ jobPods = [], appearsAt = Infinity }: Cluster, unsettled?: UnsettledSubmission) {
  const deleted: string[] = [];
  let reads = 0;
  let lists = 0;
  const lease = {
    ...{ ready: Promise.resolve(), get: () => undefined, list: () => [], release: () => undefined },
    subscribe: (listener: () => void) => {
      const soon = setTimeout(listener, 1);
      return () => clearTimeout(soon);
    },
  };
  const kubernetes = {
    ...{ watch: () => lease, now: () => Date.now(), logs: () => Promise.resolve('') },
    get: async () => ((reads += 1) >= appearsAt ? driver : undefined),
    async *list() {
      yield jobPods[lists++] ?? [];
    },
    delete: async ({ plural }: { plural: string }, _: string, deletedName: string) => {
      deleted.push(`${plural}/${deletedName}`);
      if (plural === 'jobs') throw new KubernetesError({ type: KubernetesErrorType.Forbidden, message: 'no' });
      return true;
    },
  } as unknown as KubernetesClient;
  const input = { ...reference, ...(unsettled !== undefined && { unsettled }) };
  const environment = new MockActivityEnvironment({ scheduledTimestampMs: 0, currentAttemptScheduledTimestampMs: 0 });
  const { outcome }: StoppedDriver = await environment.run(stopSparkDriver, kubernetes, input);
  return { found: outcome !== undefined, deleted };
}

describe('a stop that finds no driver', () => {
  it('is over at once where the submission is settled and no Job of it runs', async () => {
    expect(await stopped({})).toEqual({ found: false, deleted: [] });
  });

  it('ends the pod of a Job, also where the submission counts as settled, and stops the driver that it made', async () => {
    const cluster = { jobPods: [[jobPod], [jobPod]], appearsAt: 4 };
    expect(await stopped(cluster)).toEqual({ found: true, deleted: ['pods/pi-submit-x', 'pods/pi-submit-x'] });
  });

  it('does not wait for the pod of a Job whose node is lost', async () => {
    const lost = { ...jobPod, metadata: { ...jobPod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(await stopped({ jobPods: [[lost]] })).toEqual({ found: false, deleted: [] });
  });

  it('deletes the Job of an unsettled submission, if it may, and waits for the driver', async () => {
    const unsettled = { passedMs: 0, job: 'pi-submit' };
    expect(await stopped({ appearsAt: 5 }, unsettled)).toEqual({ found: true, deleted: ['jobs/pi-submit'] });
  });

  it('is over once the time of the submission has passed', async () => {
    expect(await stopped({}, { passedMs: 90_000, forMs: 60_000 })).toEqual({ found: false, deleted: [] });
  });
});
