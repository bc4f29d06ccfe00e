import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { stopSparkDriver } from '../../../src/activities/watch/stop-spark-driver.ts';
import { waitForSparkDriver } from '../../../src/activities/watch/wait-for-spark-driver.ts';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { DirectoryStore, type ArchiveStore, type LogArchiveOptions } from '../../../src/logs/index.ts';
import { readArchive } from '../../../src/logs/read-archive.ts';
import type { DriverObservation } from '../../../src/protocol/index.ts';
import { Annotation, Label } from '../../../src/spark/metadata.ts';
import { DEFAULT_TIMINGS } from '../../../src/timings/index.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';
import { SimulatedKubelet } from '../logs/simulated-kubelet.ts';

const driver = { namespace: 'team', driverPodName: 'pi-driver', submissionId: 'attempt-1', driverPodUid: 'uid' };
const FOLDER = 'team/pi/run-1/attempt-1';

/** A driver that runs until it is deleted, or ends itself, and its kubelet. */
function fixture({ annotations = {}, executors = [] as readonly Pod[], now = () => Date.now() } = {}) {
  const kubelet = new SimulatedKubelet();
  const name = 'spark-kubernetes-driver';
  let state: object = { running: { startedAt: '2026-11-30T12:00:00Z' } };
  const listeners = new Set<() => void>();
  const pod = (): Pod => ({
    metadata: {
      ...{ name: 'pi-driver', namespace: 'team', uid: 'uid' },
      labels: { [Label.SubmissionId]: 'attempt-1', [Label.AppName]: 'pi', 'spark-role': 'driver' },
      annotations: { [Annotation.FirstRunId]: 'run-1', [Annotation.Attempt]: '1', ...annotations },
    },
    spec: { nodeName: 'node', containers: [{ name }] },
    status: { containerStatuses: [{ name, image: '', imageID: '', ready: true, restartCount: 0, state }] },
  });
  const lease = {
    ...{ ready: Promise.resolve(), get: pod, list: () => [pod(), ...executors], release: () => undefined },
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const end = (exitCode: number) => {
    state = { terminated: { exitCode } };
    for (const listener of listeners) listener();
  };
  const kubernetes = {
    ...kubelet.client,
    ...{ watch: () => lease, logs: async () => '', get: async () => pod(), now },
    delete: async () => {
      kubelet.write('the last line of a driver that is stopped');
      kubelet.remove();
      end(143);
      return true;
    },
  } as unknown as KubernetesClient;
  return { kubelet, kubernetes, end };
}

function directory(): DirectoryStore {
  const root = mkdtempSync(join(tmpdir(), 'logs-'));
  // Parts are merged in the background, and a follower that was stopped may still store one.
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  return new DirectoryStore(root);
}

async function archived(store: ArchiveStore, container: 'driver' | { executor: string } = 'driver'): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await readArchive({ store, folder: FOLDER, container }))?.bytes ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function wait(
  kubernetes: KubernetesClient,
  archive: LogArchiveOptions,
  heartbeatDetails?: unknown,
  timings = {},
): Promise<DriverObservation> {
  const input = { ...driver, until: 'ended' as const, startProblemDeadlineMs: 1_000 };
  const environment = new ActivityEnvironment({ heartbeatDetails });
  const seen = environment.run(waitForSparkDriver, kubernetes, input, { ...DEFAULT_TIMINGS, ...timings }, { archive });
  return (await seen) as DriverObservation;
}

it('the outcome of a driver is known once the archive has its log', async () => {
  const { kubelet, kubernetes, end } = fixture();
  const store = directory();
  kubelet.write('one', 'two');
  kubelet.end();
  const waiting = wait(kubernetes, { store });
  end(0);
  expect(await waiting).toMatchObject({
    state: 'ENDED',
    outcome: { succeeded: true, logArchive: { location: `${store.url}/${FOLDER}`, complete: true } },
  });
  expect(await archived(store)).toBe('one\ntwo\n');
});

it('the log of a driver is opened before the driver is stopped', async () => {
  const { kubelet, kubernetes } = fixture();
  const store = directory();
  kubelet.write('one');
  const environment = new ActivityEnvironment();
  const stopped = await environment.run(stopSparkDriver, kubernetes, driver, DEFAULT_TIMINGS, { archive: { store } });
  const logArchive = { location: `${store.url}/${FOLDER}`, complete: true };
  expect(stopped).toMatchObject({ outcome: { exitCode: 143, logArchive } });
  expect(await archived(store)).toBe(kubelet.content);
});

it('the outcome does not wait for longer than its deadline, and reports what is missing', async () => {
  const { kubelet, kubernetes, end } = fixture();
  const store = directory();
  store.list = async () => Promise.reject(new Error('the store is away'));
  kubelet.end();
  end(1);
  const seen = await wait(kubernetes, { store }, undefined, { logArchiveDeadlineMs: 20 });
  const logArchive = { complete: false, problem: 'log of the driver: the store is away' };
  expect(seen).toMatchObject({ outcome: { exitCode: 1, logArchive } });
});

it("the deadline counts over the workers that try, whatever the clock of a worker's machine", async () => {
  const now = () => Date.now() + 600_000;
  const { kubelet, kubernetes, end } = fixture({ now });
  const store = directory();
  store.list = async () => Promise.reject(new Error('the store is away'));
  kubelet.end();
  end(1);
  const before = { archivingSince: now() - DEFAULT_TIMINGS.logArchiveDeadlineMs };
  expect(await wait(kubernetes, { store }, before)).toMatchObject({ outcome: { logArchive: { complete: false } } });
});

it.each([
  ['none', {}, ''],
  ['driver', { [Annotation.LogArchive]: 'none' }, ''],
  ['none', { [Annotation.LogArchive]: 'driver' }, 'one\n'],
] as const)('where the default is %s, the annotations %j decide', async (mode, annotations, expected) => {
  const { kubelet, kubernetes, end } = fixture({ annotations });
  const store = directory();
  kubelet.write('one');
  kubelet.end();
  end(0);
  const seen = await wait(kubernetes, { store, archived: mode });
  expect(seen.state === 'ENDED' && seen.outcome.logArchive !== undefined).toBe(expected !== '');
  expect(await archived(store)).toBe(expected);
});

it('logs of executors are archived where the archive asks for them', async () => {
  const name = 'spark-kubernetes-executor';
  const state = { terminated: { exitCode: 0 } };
  const executor: Pod = {
    metadata: {
      ...{ name: 'pi-exec-1', namespace: 'team', uid: 'exec' },
      labels: { [Label.SubmissionId]: 'attempt-1', 'spark-role': 'executor', 'spark-exec-id': '1' },
    },
    spec: { containers: [{ name }] },
    status: { containerStatuses: [{ name, image: '', imageID: '', ready: true, restartCount: 0, state }] },
  };
  const { kubelet, kubernetes, end } = fixture({ executors: [executor] });
  const store = directory();
  kubelet.write('one');
  kubelet.end();
  end(0);
  const seen = await wait(kubernetes, { store, archived: 'all' });
  expect(seen).toMatchObject({ outcome: { logArchive: { complete: true } } });
  expect(await archived(store, { executor: '1' })).toBe('one\n');
});

it('a driver whose names are not those of a folder is not archived, which the outcome reports', async () => {
  const { kubelet, kubernetes, end } = fixture({ annotations: { [Annotation.FirstRunId]: '../..' } });
  const store = directory();
  kubelet.end();
  end(0);
  const problem = '"../.." cannot be the name of a folder of the archive';
  expect(await wait(kubernetes, { store })).toMatchObject({ outcome: { logArchive: { complete: false, problem } } });
});
