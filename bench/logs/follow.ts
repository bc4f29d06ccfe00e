// A separate process, so that it measures no other memory: follows the logs of so many drivers into a directory, for so
// many seconds, and for half as many more while the directory takes nothing. It gets the kubeconfig, the directory,
// both numbers, and a message once all drivers have ended.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { KubeConfig } from '@kubernetes/client-node';
import { connectKubernetes } from '../../src/kubernetes/index.ts';
import type { ArchiveStore } from '../../src/logs/archive-store.ts';
import { DirectoryStore } from '../../src/logs/directory-store.ts';
import { LogFollower } from '../../src/logs/log-follower.ts';
import { readArchive } from '../../src/logs/read-archive.ts';

export interface Followed {
  /** More resident memory than with one driver: the most in the first time, and while the archive was away. */
  readonly rssMoreMiB: number;
  readonly awayRssMoreMiB: number;
  /** Of this process, in percent of a core, in the first time. */
  readonly cpuPercent: number;
  /** Complete logs in the archive. */
  readonly complete: number;
  /** Of text. */
  readonly archivedBytes: number;
}

const DEADLINE_MS = 120_000;
const SAMPLE_MS = 500;
const MEBIBYTE = 1024 * 1024;
const never = new AbortController().signal;

const [kubeconfigText, directory, drivers, seconds] = process.argv.slice(2);
const kubeconfig = new KubeConfig();
kubeconfig.loadFromString(kubeconfigText!);
const kubernetes = await connectKubernetes({ kubeconfig });
const directoryStore: ArchiveStore = new DirectoryStore(directory!);
let isAway = false;
const store = Object.assign(Object.create(directoryStore) as ArchiveStore, {
  create: async (...args: Parameters<ArchiveStore['create']>) => {
    if (isAway) throw new Error('the archive is away');
    return directoryStore.create(...args);
  },
});
const placeOf = (pod: string) => ({ store, folder: `team/${pod}/run/attempt-1`, container: 'driver' as const });
const follow = (pod: string) =>
  new LogFollower({ ...placeOf(pod), kubernetes, namespace: 'team', pod, containerName: 'spark-kubernetes-driver' });

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const pods = Array.from({ length: Number(drivers) }, (_, index) => `driver-${index}`);
const followers = [follow(pods[0]!)];
await sleep(Math.min(10_000, Number(seconds) * 1_000));
collect();
const base = process.memoryUsage.rss();

const cpu = process.cpuUsage();
followers.push(...pods.slice(1).map((pod) => follow(pod)));
const rssMoreMiB = await peakMoreMiB(Number(seconds));
const { user, system } = process.cpuUsage(cpu);
isAway = true;
const awayRssMoreMiB = await peakMoreMiB(Number(seconds) / 2);
isAway = false;
process.send!('ready');
await once(process, 'message');
const ends = await Promise.all(followers.map((follower) => follower.finish(DEADLINE_MS, never)));
let archivedBytes = 0;
for (const pod of pods) {
  for await (const chunk of (await readArchive(placeOf(pod)))?.bytes ?? []) archivedBytes += chunk.length;
}
kubernetes.close();
process.send!({
  ...{ rssMoreMiB, awayRssMoreMiB, archivedBytes, complete: ends.filter(({ isComplete }) => isComplete).length },
  cpuPercent: (user + system) / 10_000 / Number(seconds),
} satisfies Followed);
process.disconnect();

async function peakMoreMiB(forSeconds: number): Promise<number> {
  let peak = 0;
  for (const end = performance.now() + forSeconds * 1_000; performance.now() < end; await sleep(SAMPLE_MS)) {
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  return (peak - base) / MEBIBYTE;
}
