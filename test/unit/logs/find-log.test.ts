import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { KubernetesError, KubernetesErrorType, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { ArchivedLog } from '../../../src/logs/archived-log.ts';
import { DirectoryStore } from '../../../src/logs/directory-store.ts';
import { findExecutors, findLog, LogNotFoundError, type FoundLog, type LogTarget } from '../../../src/logs/find-log.ts';
import { folderOf } from '../../../src/logs/layout.ts';
import { Label } from '../../../src/spark/metadata.ts';
import { SimulatedKubelet } from './simulated-kubelet.ts';

const target: LogTarget = {
  ...{ namespace: 'team', name: 'pi', run: 'run-1', attempt: 2 },
  driver: { podName: 'pi-driver', submissionId: 'attempt-2' },
  recorded: 'the end',
};

function podOf(name: string, labels: Record<string, string>, state: object = { running: {} }): Pod {
  const container = 'spark-kubernetes-driver';
  const status = { name: container, image: '', imageID: '', ready: true, restartCount: 0, state };
  return {
    metadata: { name, namespace: 'team', uid: name, labels: { [Label.SubmissionId]: 'attempt-2', ...labels } },
    spec: { containers: [{ name: container }] },
    status: { containerStatuses: [status] },
  };
}

/** A cluster with these pods, whose logs are that of one kubelet. */
function clusterWith(pods: readonly Pod[], kubelet = new SimulatedKubelet()) {
  const client = {
    ...kubelet.client,
    get: async (_: unknown, __: unknown, name: string) => pods.find(({ metadata }) => metadata!.name === name),
    async *list() {
      yield pods.filter(({ metadata }) => metadata!.labels!['spark-role'] === 'executor');
    },
  } as unknown as KubernetesClient;
  return { kubelet, kubernetes: async () => client };
}

async function archiveWith(text: string): Promise<DirectoryStore> {
  const root = mkdtempSync(join(tmpdir(), 'logs-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const store = new DirectoryStore(root);
  for (const container of ['driver', { executor: '7' }] as const) {
    const log = await ArchivedLog.open({ store, folder: folderOf(target), container });
    const position = { at: '2026-11-30T12:00:00Z', lines: 1, bytes: 0 };
    await log.add({ bytes: Buffer.from(text), position, isLast: true, hasGap: false });
  }
  return store;
}

async function content(log: FoundLog): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of log) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it("takes the kubelet's log while there is one", async () => {
  const { kubelet, kubernetes } = clusterWith([podOf('pi-driver', {}, { terminated: { exitCode: 1 } })]);
  kubelet.write('from the kubelet');
  const log = await findLog(target, 'driver', { kubernetes, archive: await archiveWith('archived\n') });
  expect(log).toMatchObject({ source: 'kubelet', location: 'pod team/pi-driver', passedOver: [], ignored: [] });
  expect(await content(log)).toBe('from the kubelet\n');
  expect(kubelet.reads[0]).toMatchObject({ container: 'spark-kubernetes-driver' });
});

it('follows a log over an interruption, to the end of the container', async () => {
  const pod = podOf('pi-driver', {});
  const pods = [pod];
  const { kubelet, kubernetes } = clusterWith(pods);
  kubelet.write('one');
  const log = await findLog(target, 'driver', { kubernetes }, { follow: true, tailLines: 5 });
  const read = content(log);
  await new Promise((resolve) => setTimeout(resolve));
  kubelet.interrupt();
  kubelet.write('two');
  pods[0] = podOf('pi-driver', {}, { terminated: { exitCode: 0 } });
  kubelet.end();
  expect(await read).toBe('one\ntwo\n');
});

it('takes the archive where the pod is gone, or is of another attempt', async () => {
  const archive = await archiveWith('archived\n');
  const gone = clusterWith([]);
  const log = await findLog(target, 'driver', { ...gone, archive }, { tailLines: 5, since: new Date(0), follow: true });
  expect(log).toMatchObject({ source: 'archive', ignored: ['since', 'tailLines', 'follow'] });
  expect(log.passedOver).toEqual(['kubelet: pod team/pi-driver no longer exists']);
  expect(log.location).toBe(`${archive.url}/team/pi/run-1/attempt-2/driver.log.000001.gz…`);
  expect(await content(log)).toBe('archived\n');
  const other = clusterWith([podOf('pi-driver', { [Label.SubmissionId]: 'attempt-3' })]);
  const found = await findLog(target, 'driver', { ...other, archive });
  expect(found.passedOver).toEqual(['kubelet: pod team/pi-driver is of another attempt']);
});

it('takes the recorded end where nothing else is left, and reports that it is the end only', async () => {
  const { kubelet, kubernetes } = clusterWith([podOf('pi-driver', {}, { terminated: { exitCode: 1 } })]);
  kubelet.remove();
  const log = await findLog(target, 'driver', { kubernetes });
  expect(log).toMatchObject({ source: 'recorded', location: 'the result of team/pi: the end of the log only' });
  expect(log.passedOver[0]).toBe('kubelet: pods "pi-driver" not found');
  expect(log.passedOver[1]).toContain('archive: no archive is configured: set TEMPORAL_SPARK_LOG_ARCHIVE');
  expect(await content(log)).toBe('the end\n');
});

it('reports why each source has no log', async () => {
  const waiting = clusterWith([podOf('pi-driver', {}, { waiting: { reason: 'ImagePullBackOff' } })]);
  const { recorded: _, ...unrecorded } = target;
  const error: unknown = await findLog(unrecorded, 'driver', waiting).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LogNotFoundError);
  expect((error as LogNotFoundError).message).toContain('There is no log of the driver of team/pi, attempt 2:');
  expect((error as LogNotFoundError).reasons).toEqual([
    'kubelet: pod team/pi-driver has not started: ImagePullBackOff',
    expect.stringContaining('archive: no archive is configured'),
    expect.stringContaining('recorded: the workflow has recorded none'),
  ]);
});

it('finds the executors whose pods exist and those whose logs are archived, and their logs', async () => {
  const archive = await archiveWith('archived\n');
  const executor = podOf('exec-2', { 'spark-role': 'executor', 'spark-exec-id': '2' });
  const { kubelet, kubernetes } = clusterWith([executor]);
  kubelet.write('from executor 2');
  const sources = { kubernetes, archive };
  expect(await findExecutors(target, sources)).toEqual(['2', '7']);
  expect(await findLog(target, { executor: '2' }, sources)).toMatchObject({ location: 'pod team/exec-2' });
  expect(await content(await findLog(target, { executor: '7' }, sources))).toBe('archived\n');
  const unreachable = { archive, kubernetes: () => Promise.reject(new Error('unreachable')) };
  expect(await findExecutors(target, unreachable)).toEqual(['7']);
  await expect(findLog(target, { executor: '3' }, sources)).rejects.toThrow('There is no log of executor 3 of team/pi');
});

it('follows the log of an ended driver to its end over an interruption', async () => {
  const { kubelet, kubernetes } = clusterWith([podOf('pi-driver', {}, { terminated: { exitCode: 0 } })]);
  const readLog = kubelet.client.readLog.bind(kubelet.client);
  const client = await kubernetes();
  const lost = new KubernetesError({
    type: KubernetesErrorType.ConnectionLost,
    message: 'the connection broke',
    ...{ verb: 'get', resource: 'pods/log', cluster: 'test' },
  });
  client.readLog = async function* (...args) {
    client.readLog = readLog;
    for await (const bytes of readLog(...args)) {
      yield bytes;
      break;
    }
    throw lost;
  };
  kubelet.write('one', 'two');
  kubelet.end();
  const log = await findLog(target, 'driver', { kubernetes: async () => client }, { follow: true });
  expect(await content(log)).toBe('one\ntwo\n');
});

it('waits between two reads of a log that has ended while its pod is shown to run', async () => {
  const { kubelet, kubernetes } = clusterWith([podOf('pi-driver', {})]);
  kubelet.end();
  const aborting = new AbortController();
  const begin = performance.now();
  const options = { follow: true, signal: aborting.signal };
  const read = content(await findLog(target, 'driver', { kubernetes }, options)).catch(() => undefined);
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(kubelet.reads.length).toBeLessThanOrEqual(2 + (performance.now() - begin) / 1_000);
  aborting.abort();
  await read;
});

it('takes the next source where the kubelet has removed the log of a driver that has ended, also to follow', async () => {
  const { kubelet, kubernetes } = clusterWith([podOf('pi-driver', {}, { terminated: { exitCode: 1 } })]);
  kubelet.remove();
  const log = await findLog(target, 'driver', { kubernetes }, { follow: true });
  expect(log).toMatchObject({
    source: 'recorded',
    passedOver: [expect.stringContaining('not found'), expect.anything()],
  });
});

it('ends the request where the reader stops after the first bytes', async () => {
  const { kubernetes } = clusterWith([podOf('pi-driver', {}, { terminated: { exitCode: 0 } })]);
  const client = await kubernetes();
  let isOpen = true;
  client.readLog = async function* () {
    try {
      for (;;) yield Buffer.from('line\n');
    } finally {
      isOpen = false;
    }
  };
  const log = await findLog(target, 'driver', { kubernetes: async () => client });
  for await (const _ of log) break;
  expect(isOpen).toBe(false);
});
