import { describe, expect, it } from 'vitest';
import { stopSparkDriver } from '../../../src/activities/watch/stop-spark-driver.ts';
import { KubernetesError, KubernetesErrorType, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import type { StoppedDriver, UnsettledSubmission } from '../../../src/protocol/index.ts';
import { Label } from '../../../src/spark/metadata.ts';
import { NativeSubmitter, Submitters, type LostSubmission } from '../../../src/submitters/index.ts';
import { DEFAULT_TIMINGS } from '../../../src/timings/index.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';

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
  /** What a try to withdraw the submission fails with. */
  readonly fault?: Error;
}

const WITHDRAWN: LostSubmission = {
  ...{ namespace: 'default', submissionId: 'attempt-1', serviceAccount: 'spark', job: 'pi-submit' },
};
const LOST = { passedMs: 0, job: 'pi-submit', serviceAccount: 'spark' };

/** What becomes of a stop that finds no driver at first, and what it deletes. */
async function stopped({ jobPods = [], appearsAt = Infinity, fault }: Cluster, unsettled?: UnsettledSubmission) {
  const deleted: string[] = [];
  const withdrawn: LostSubmission[] = [];
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
      return true;
    },
  } as unknown as KubernetesClient;
  const input = { ...reference, ...(unsettled !== undefined && { unsettled }) };
  const environment = new ActivityEnvironment({ scheduledTimestampMs: 0, currentAttemptScheduledTimestampMs: 0 });
  const submitter = Object.assign(new NativeSubmitter(), {
    withdraw: async (lost: LostSubmission) => {
      withdrawn.push(lost);
      if (fault !== undefined) throw fault;
    },
  });
  const { outcome }: StoppedDriver = await environment.run(stopSparkDriver, kubernetes, input, DEFAULT_TIMINGS, {
    submitters: new Submitters([submitter]),
  });
  return { found: outcome !== undefined, deleted, withdrawn };
}

describe('a stop that finds no driver', () => {
  it('is over at once where the submission is settled and no Job of it runs', async () => {
    expect(await stopped({})).toEqual({ found: false, deleted: [], withdrawn: [] });
  });

  it('ends the pod of a Job, also where the submission counts as settled, and stops the driver that it made', async () => {
    const cluster = { jobPods: [[jobPod], [jobPod]], appearsAt: 4 };
    expect(await stopped(cluster)).toMatchObject({ found: true, deleted: ['pods/pi-submit-x', 'pods/pi-submit-x'] });
  });

  it('does not wait for the pod of a Job whose node is lost', async () => {
    const lost = { ...jobPod, metadata: { ...jobPod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(await stopped({ jobPods: [[lost]] })).toMatchObject({ found: false, deleted: [] });
  });

  it('withdraws a lost submission until the driver appears: a request may be carried out late', async () => {
    const withdrawn = [WITHDRAWN, WITHDRAWN, WITHDRAWN];
    expect(await stopped({ appearsAt: 4 }, LOST)).toEqual({ found: true, deleted: [], withdrawn });
  });

  it('withdraws a lost submission once where the time of the submission has passed', async () => {
    const unsettled = { ...LOST, passedMs: 90_000, forMs: 60_000 };
    expect(await stopped({}, unsettled)).toEqual({ found: false, deleted: [], withdrawn: [WITHDRAWN] });
  });

  it('withdraws a lost submission whose driver is known already', async () => {
    expect(await stopped({ appearsAt: 1 }, LOST)).toEqual({ found: true, deleted: [], withdrawn: [WITHDRAWN] });
  });

  it('waits for the driver where the account may not delete its Job', async () => {
    const fault = new KubernetesError({ type: KubernetesErrorType.Forbidden, message: 'no' });
    expect(await stopped({ appearsAt: 4, fault }, LOST)).toMatchObject({ found: true });
  });

  it('is retried where the API server cannot be reached to withdraw the submission', async () => {
    const fault = new KubernetesError({ type: KubernetesErrorType.Unreachable, message: 'no' });
    await expect(stopped({ fault }, LOST)).rejects.toMatchObject({ type: 'Unreachable', nonRetryable: false });
  });
});
