import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, onTestFinished } from 'vitest';
import { eventually } from '../../../lab/eventually.ts';
import type { WatchLease } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { AttemptLogs } from '../../../src/logs/attempt-logs.ts';
import { ArchivedLog } from '../../../src/logs/archived-log.ts';
import { DirectoryStore } from '../../../src/logs/directory-store.ts';
import { Annotation, Label } from '../../../src/spark/metadata.ts';
import { SimulatedKubelet } from './simulated-kubelet.ts';

function podOf(name: string, labels: Record<string, string>, state: object): Pod {
  const container = 'spark';
  return {
    metadata: {
      ...{ name, namespace: 'team' },
      labels: { [Label.SubmissionId]: 'attempt-1', [Label.AppName]: 'pi', ...labels },
      annotations: { [Annotation.FirstRunId]: 'run-1', [Annotation.Attempt]: '1' },
    },
    spec: { containers: [{ name: container }] },
    status: {
      containerStatuses: [{ name: container, image: '', imageID: '', ready: true, restartCount: 0, state }],
    },
  };
}

const executorPod = (state: object) => podOf('exec-7', { 'spark-role': 'executor', 'spark-exec-id': '7' }, state);

it.each([
  ['ends', executorPod({ terminated: { exitCode: 0 } })],
  ['is deleted', undefined],
])('completes the log of an executor that %s while its driver runs', async (_, last) => {
  const root = mkdtempSync(join(tmpdir(), 'logs-'));
  // Parts are merged in the background.
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  const store = new DirectoryStore(root);
  const kubelet = new SimulatedKubelet();
  let changed: (name: string, pod: Pod | undefined) => void = () => undefined;
  const pods = {
    list: () => [executorPod({ running: {} })],
    subscribe: (listener: typeof changed) => ((changed = listener), () => undefined),
  } as unknown as WatchLease<Pod>;
  const logs = new AttemptLogs({ store, archived: 'all', kubernetes: kubelet.client, pods, flushMs: 1 });
  onTestFinished(() => logs.close());
  logs.follow(podOf('pi-driver', { 'spark-role': 'driver' }, { running: {} }));
  kubelet.write('one');
  kubelet.end();
  changed('exec-7', last);
  const place = { store, folder: 'team/pi/run-1/attempt-1', container: { executor: '7' } };
  await eventually('the log to be complete', async () => (await ArchivedLog.open(place)).isComplete);
});
