import { describe, expect, it } from 'vitest';
import { endOf } from '../../../src/activities/watch/driver-observation.ts';
import { ObservedStart } from '../../../src/activities/watch/observed-start.ts';
import { waitForSparkDriver } from '../../../src/activities/watch/wait-for-spark-driver.ts';
import type { KubernetesClient, WatchLease } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import type { WaitInput } from '../../../src/protocol/index.ts';
import { Label } from '../../../src/spark/metadata.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';

const MINUTE = 60_000;
const SKEWS = [-10 * MINUTE, 0, 10 * MINUTE];
const at = (ms: number): string => new Date(ms).toISOString();

/** By the API server's clock, which differs from the worker's. */
const serverNow = (skew: number) => Date.now() + skew;

function podOf(metadata: Pod['metadata'], startedAt?: string): Pod {
  const name = 'spark-kubernetes-driver';
  const state = startedAt === undefined ? { waiting: {} } : { running: { startedAt } };
  return {
    metadata: { name: 'pi-driver', uid: 'uid', labels: { [Label.SubmissionId]: 'attempt-1' }, ...metadata },
    spec: { nodeName: 'node', containers: [{ name }] },
    status: { containerStatuses: [{ name, image: '', imageID: '', ready: true, restartCount: 0, state }] },
  };
}

/** The first observation that ends the wait, or `waits` where none does at the first look. */
async function seen(pod: Pod, skew: number, input: Partial<WaitInput> = {}, info: object = {}): Promise<unknown> {
  const lease = {
    ...{ ready: Promise.resolve(), get: () => pod, list: () => [pod] },
    ...{ subscribe: () => () => undefined, release: () => undefined },
  } as unknown as WatchLease<Pod>;
  const kubernetes = {
    ...{ watch: () => lease, now: () => serverNow(skew), get: () => Promise.resolve(pod) },
    ...{ logs: () => Promise.resolve(''), async *list() {} },
  } as unknown as KubernetesClient;
  const environment = new ActivityEnvironment(info);
  const waits = new Promise<string>((resolve) => environment.on('heartbeat', () => resolve('waits')));
  const observed = environment.run(waitForSparkDriver, kubernetes, {
    ...{ namespace: 'default', driverPodName: 'pi-driver', submissionId: 'attempt-1' },
    ...{ until: 'ended' as const, startProblemDeadlineMs: 2 * MINUTE },
    ...input,
  });
  const first = await Promise.race([waits, observed]);
  if (first === 'waits') {
    environment.cancel('CANCELLED');
    await observed.catch(() => undefined);
  }
  return first;
}

describe.each(SKEWS)('where the clock of the API server is %d ms ahead of the worker', (skew) => {
  it('a deleted driver is lost after its deadline, and not before', async () => {
    const deleted = (ago: number) => podOf({ deletionTimestamp: at(serverNow(skew) - ago) }, at(0));
    expect(await seen(deleted(MINUTE), skew)).toBe('waits');
    expect(await seen(deleted(9 * MINUTE), skew)).toBe('waits');
    expect(await seen(deleted(11 * MINUTE), skew)).toMatchObject({
      outcome: { reason: 'NodeLost', unconfirmed: true },
    });
  });

  it('a deadline counts what was left of it when the wait was scheduled', async () => {
    const deadline = (leftMs: number) => ({
      // As a workflow on a Temporal server with the clock of the API server sees it.
      deadline: { at: serverNow(skew) + leftMs, leftMs, reason: 'PendingDeadlineExceeded', message: '' },
    });
    expect(await seen(podOf({}), skew, deadline(MINUTE))).toBe('waits');
    expect(await seen(podOf({}), skew, deadline(-1))).toMatchObject({ state: 'GIVEN_UP' });
    // Of its attempts, by Temporal's clock alone.
    const later = (ms: number) => ({ scheduledTimestampMs: skew, currentAttemptScheduledTimestampMs: skew + ms });
    expect(await seen(podOf({}), skew, deadline(5 * MINUTE), later(4 * MINUTE))).toBe('waits');
    expect(await seen(podOf({}), skew, deadline(5 * MINUTE), later(6 * MINUTE))).toMatchObject({ state: 'GIVEN_UP' });
  });

  it('a problem of the start counts from when any worker saw it first', async () => {
    const pod = podOf({});
    const state = { waiting: { reason: 'ImagePullBackOff' } };
    const [container] = pod.status!.containerStatuses!;
    const failing: Pod = { ...pod, status: { containerStatuses: [{ ...container!, state }] } };
    const known = (ago: number) => ({ known: { reason: 'ImagePullBackOff', since: serverNow(skew) - ago } });
    expect(await seen(failing, skew, known(MINUTE))).toBe('waits');
    expect(await seen(failing, skew, known(3 * MINUTE))).toMatchObject({ state: 'GIVEN_UP' });
  });
});

describe.each(SKEWS)('where the clock of the node is %d ms ahead of the API server', (skew) => {
  const now = Date.parse('2026-11-30T12:00:00Z');

  it('a driver that was observed before and after its start has started in between', () => {
    const start = new ObservedStart(undefined);
    start.pending(now - 2_000);
    const found = start.of(podOf({ creationTimestamp: at(now - 5 * MINUTE) }), at(now - 1_000 + skew), now);
    expect(Math.abs(found - (now - 1_000))).toBeLessThanOrEqual(1_000);
  });

  it('a driver has started after its creation, and before it was seen to run', () => {
    const pod = podOf({ creationTimestamp: at(now - MINUTE) });
    const found = new ObservedStart(undefined).of(pod, at(now - 30_000 + skew), now);
    expect(Math.abs(found - (now - 30_000))).toBeLessThanOrEqual(30_000);
  });

  it('a running driver reports for how long it has run', async () => {
    const pod = podOf({ creationTimestamp: at(Date.now() - 3_000) }, at(Date.now() - 1_000 + skew));
    const running = await seen(pod, 0, { until: 'running' });
    const { ranForMs } = running as { ranForMs: number };
    expect(ranForMs).toBeGreaterThanOrEqual(0);
    expect(ranForMs).toBeLessThan(MINUTE);
  });

  it('the end of a driver is when the API server received it', () => {
    const managedFields = [
      { manager: 'kubelet', operation: 'Update', subresource: 'status', time: at(now - MINUTE) },
      { manager: 'worker', operation: 'Update', time: at(now) },
      { manager: 'kubelet', operation: 'Update', subresource: 'status', time: at(now - 2 * MINUTE) },
    ];
    const pod: Pod = { metadata: { creationTimestamp: at(now - 9 * MINUTE), managedFields } };
    expect(endOf(pod, at(now - MINUTE + skew))).toBe(at(now - MINUTE));
  });
});

it('a driver has not ended before it was created', () => {
  const created = '2026-11-30T12:00:00Z';
  expect(endOf({ metadata: { creationTimestamp: created } }, '2026-11-30T11:55:00Z')).toBe(created);
});
