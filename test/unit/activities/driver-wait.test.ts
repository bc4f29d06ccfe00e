import { describe, expect, it } from 'vitest';
import { waitForSparkDriver } from '../../../src/activities/watch/wait-for-spark-driver.ts';
import type { KubernetesClient, WatchLease } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import type { DriverObservation } from '../../../src/protocol/index.ts';
import { Label } from '../../../src/spark/metadata.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';

const labels = (role: string) => ({ [Label.SubmissionId]: 'attempt-1', 'spark-role': role });

function executor(phase: string): Pod {
  return { metadata: { labels: labels('executor') }, status: { phase } };
}

function driver(exitCode?: number): Pod {
  const state = exitCode === undefined ? { running: {} } : { terminated: { exitCode } };
  const name = 'spark-kubernetes-driver';
  return {
    metadata: { name: 'pi-driver', uid: 'uid', labels: labels('driver') },
    spec: { nodeName: 'node', containers: [{ name }] },
    status: { containerStatuses: [{ name, image: '', imageID: '', ready: true, restartCount: 0, state }] },
  };
}

/** A cluster with that driver and its executors, which `become` replaces. */
function cluster(pods: readonly [Pod, ...Pod[]]) {
  let current = pods;
  let notify = (): void => undefined;
  const lease = {
    ready: Promise.resolve(),
    get: () => current[0],
    list: () => [...current],
    subscribe: (listener: () => void) => {
      notify = listener;
      return () => undefined;
    },
    release: () => undefined,
  } as unknown as WatchLease<Pod>;
  const kubernetes = {
    watch: () => lease,
    now: () => Date.now(),
    get: () => Promise.resolve(current[0]),
    logs: () => Promise.resolve(''),
  } as unknown as KubernetesClient;
  const become = (...next: readonly [Pod, ...Pod[]]) => {
    current = next;
    notify();
  };
  return { kubernetes, become };
}

const input = {
  ...{ namespace: 'default', driverPodName: 'pi-driver', submissionId: 'attempt-1' },
  ...{ until: 'ended' as const, startProblemDeadlineMs: 120_000 },
};

describe('a driver whose label is taken off', () => {
  const unlabelled = (exitCode?: number): Pod => {
    const { metadata, ...pod } = driver(exitCode);
    return { ...pod, metadata: { name: metadata!.name!, uid: metadata!.uid! } };
  };

  it('is waited for to its end', async () => {
    const { kubernetes, become } = cluster([driver()]);
    const env = new ActivityEnvironment();
    const next = [unlabelled(), unlabelled(0)];
    env.on('heartbeat', () => {
      const pod = next.shift();
      if (pod !== undefined) become(pod);
    });
    const seen = await env.run(waitForSparkDriver, kubernetes, input);
    expect(seen).toMatchObject({ state: 'ENDED', outcome: { succeeded: true, exitCode: 0, driverPodUid: 'uid' } });
  });

  it('is found by a worker that continues the wait, and by a wait that was given its UID', async () => {
    const { kubernetes } = cluster([unlabelled(0)]);
    const heartbeatDetails = { phase: 'running', driver: 'pi-driver', uid: 'uid', observedAt: '' };
    const continued = new ActivityEnvironment({ heartbeatDetails });
    expect(await continued.run(waitForSparkDriver, kubernetes, input)).toMatchObject({ outcome: { exitCode: 0 } });
    const given = new ActivityEnvironment();
    expect(await given.run(waitForSparkDriver, kubernetes, { ...input, driverPodUid: 'uid' })).toMatchObject({
      outcome: { exitCode: 0 },
    });
  });

  it('is not taken for a pod of its name with another UID', async () => {
    const { kubernetes } = cluster([unlabelled(0)]);
    const env = new ActivityEnvironment();
    expect(await env.run(waitForSparkDriver, kubernetes, { ...input, driverPodUid: 'another' })).toMatchObject({
      outcome: { reason: 'DriverVanished' },
    });
  });
});

describe('an end that the watch shows', () => {
  it('is recorded as the API server confirms it, not as the cache has it', async () => {
    const { kubernetes } = cluster([driver(0)]);
    // The cache is behind: it has another end than the API server.
    const confirmed = { ...kubernetes, get: () => Promise.resolve(driver(3)) } as unknown as KubernetesClient;
    const seen = await new ActivityEnvironment().run(waitForSparkDriver, confirmed, input);
    expect(seen).toMatchObject({ outcome: { succeeded: false, exitCode: 3 } });
  });

  it('is found by a direct read where the watch lost it', async () => {
    const { kubernetes } = cluster([driver()]);
    const behind = { ...kubernetes, get: () => Promise.resolve(driver(0)) } as unknown as KubernetesClient;
    const seen = await new ActivityEnvironment().run(waitForSparkDriver, behind, { ...input, confirmEveryMs: 1 });
    expect(seen).toMatchObject({ outcome: { succeeded: true, exitCode: 0 } });
  });
});

describe('a wait that its workflow renews', () => {
  const HOUR = 3_600_000;

  it('returns RUNNING after the time that it was given, which counts from its first try', async () => {
    const { kubernetes } = cluster([driver()]);
    const env = new ActivityEnvironment({ scheduledTimestampMs: 1, currentAttemptScheduledTimestampMs: 1 + HOUR });
    const seen = await env.run(waitForSparkDriver, kubernetes, { ...input, renewAfterMs: HOUR });
    expect(seen).toMatchObject({ state: 'RUNNING' });
  });

  it('looks for the time by itself, also where nothing changes', async () => {
    const { kubernetes } = cluster([driver()]);
    const env = new ActivityEnvironment({ heartbeatTimeoutMs: HOUR });
    const seen = await env.run(waitForSparkDriver, kubernetes, { ...input, renewAfterMs: 1 });
    expect(seen).toMatchObject({ state: 'RUNNING' });
  });

  it('returns the end of a driver that ends before', async () => {
    const { kubernetes, become } = cluster([driver()]);
    const env = new ActivityEnvironment();
    env.on('heartbeat', () => become(driver(0)));
    const seen = await env.run(waitForSparkDriver, kubernetes, { ...input, renewAfterMs: HOUR });
    expect(seen).toMatchObject({ state: 'ENDED', outcome: { succeeded: true } });
  });
});

describe('how many executors a driver had', () => {
  const counts = { pending: 0, running: 2, succeeded: 0, failed: 1 };

  it('is what it was last seen with, where they go before it ends', async () => {
    const { kubernetes, become } = cluster([driver(), executor('Running'), executor('Running'), executor('Failed')]);
    const env = new ActivityEnvironment();
    env.on('heartbeat', () => become(driver(0)));
    const seen = await env.run(waitForSparkDriver, kubernetes, input);
    expect(seen).toMatchObject({ state: 'ENDED', outcome: { executors: counts } });
  });

  it('is kept where another worker continues the wait', async () => {
    const { kubernetes } = cluster([driver(0)]);
    const heartbeatDetails = { phase: 'running', driver: 'pi-driver', executors: counts, observedAt: '' };
    const env = new ActivityEnvironment({ heartbeatDetails });
    const seen = await env.run(waitForSparkDriver, kubernetes, input);
    expect(seen).toMatchObject({ state: 'ENDED', outcome: { executors: counts } });
  });

  it('counts those that are there when it ends, where they are more', async () => {
    const { kubernetes, become } = cluster([driver(), executor('Pending')]);
    const env = new ActivityEnvironment();
    env.on('heartbeat', () => become(driver(1), executor('Failed'), executor('Failed')));
    const seen = await env.run(waitForSparkDriver, kubernetes, input);
    expect(seen).toMatchObject({ outcome: { exitCode: 1, executors: { pending: 0, failed: 2 } } });
  });
});

describe('why a driver failed', () => {
  const log = (lines: number): string =>
    `${'26/11/30 11:50:09 INFO Main: password=Zk9!qx7Qx7Qx7Qx7Q\n'.repeat(lines)}Exception in thread "main" java.io.IOException: no route\n\tat com.acme.Main.main(Main.java:1)\n${'\tat io.netty.A.b(A.java:1)\n'.repeat(lines)}`;
  const endOf = async (pod: Pod, text: string) => {
    const { kubernetes } = cluster([pod]);
    const client = { ...kubernetes, logs: () => Promise.resolve(text) } as unknown as KubernetesClient;
    const seen = await new ActivityEnvironment().run(waitForSparkDriver, client, input);
    return (seen as Extract<DriverObservation, { state: 'ENDED' }>).outcome;
  };

  it('is read far above the tail of its log that is kept, without secrets', async () => {
    const { failure, logTail } = await endOf(driver(1), log(2_000));
    expect(failure).toEqual({
      cause: 'java.io.IOException: no route',
      frames: ['com.acme.Main.main(Main.java:1)'],
    });
    expect(logTail!.trimEnd().split('\n')).toHaveLength(60);
    expect((await endOf(driver(1), log(1))).logTail).not.toContain('Zk9');
  });

  it('keeps the last 8,192 characters of its log, not the first of the last lines', async () => {
    const { logTail } = await endOf(driver(1), `${'x'.repeat(20_000)}\nthe last line\n`);
    expect(logTail!.length).toBeLessThanOrEqual(8193);
    expect(logTail).toContain('the last line');
  });

  it('is not read of one that succeeded', async () => {
    expect(await endOf(driver(0), log(1))).not.toHaveProperty('failure');
  });
});
