import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { ApiServer } from '../../lab/api-server.ts';
import { cacheDirectory } from '../../lab/cache.ts';
import type { Lab } from '../../lab/contract.ts';
import { eventually } from '../../lab/eventually.ts';
import { identifyProcess } from '../../lab/process-identity.ts';
import { LabRecord } from '../../lab/record.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';

/** A real lab as another process sees it. */
export interface RealLab {
  readonly id: string;
  readonly directory: string;
  readonly kubeconfig: string;
  readonly sparkImage: string;
  /** Of the PID namespace that every process of it is in, in the notation of /proc/PID/ns. */
  readonly pidNamespace: string;
}

export function announce({ directory, kubeconfig, sparkImages, components }: Lab): RealLab {
  const record = LabRecord.list().find((candidate) => candidate.directory === directory);
  const pid = components['namespaces']?.pid;
  const [sparkImage] = Object.values(sparkImages);
  if (record === undefined || pid === undefined || sparkImage === undefined) throw new Error('The lab lacks a part.');
  const pidNamespace = readlinkSync(`/proc/${pid}/ns/pid_for_children`);
  return { id: record.id, directory, kubeconfig, sparkImage, pidNamespace };
}

/** What of the lab can be seen on the machine: a line for each thing. */
export function traces({ id, directory, pidNamespace }: RealLab): string[] {
  const mentions = (line: string): boolean => line.includes(id) || line.includes(directory);
  const interfaces = Object.keys(networkInterfaces()).filter(mentions);
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').filter(mentions);
  const cgroups = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, mountPoint]) => join(mountPoint as string, `temporal-spark-lab-${id}`));
  const cached = readdirSync(join(cacheDirectory(), 'labs')).filter(mentions);
  return [
    ...processesIn(pidNamespace).map((pid) => `process ${pid}`),
    ...interfaces.map((name) => `interface ${name}`),
    ...mounts.map((line) => `mount ${line}`),
    ...cached.map((name) => `in the cache: ${name}`),
    ...[directory, ...cgroups].filter((path) => existsSync(path)),
  ];
}

export function processesIn(pidNamespace: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      // A zombie has ended; the machine's first process may take its time to bury it.
      return readlinkSync(`/proc/${name}/ns/pid`) === pidNamespace && identifyProcess(Number(name)) !== undefined;
    } catch {
      return false; // Ended in the meantime.
    }
  });
}

/** Runs a command in a pod of the Spark image and returns what it wrote, as the API server returns it. */
export async function runPod(lab: RealLab, name: string, command: readonly string[]): Promise<string> {
  const api = await ApiServer.connect(lab.kubeconfig);
  const path = `/api/v1/namespaces/default/pods/${name}`;
  try {
    await api.create('/api/v1/namespaces/default/pods', podOf(name, lab.sparkImage, command));
    await waitForPhase(api, path, 'Succeeded');
    return await api.text('GET', `${path}/log`);
  } finally {
    api.close();
  }
}

export function podOf(name: string, image: string, command: readonly string[]): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      // Arguments only: the image's entrypoint passes on what it does not know.
      containers: [{ name: 'main', image, imagePullPolicy: 'IfNotPresent', args: [...command] }],
    },
  };
}

export async function waitForPhase(api: ApiServer, path: string, phase: string): Promise<void> {
  await eventually(
    `${path} to be ${phase}`,
    async (signal) => {
      const { status } = await api.get<Pod>(path, signal);
      if (status?.phase !== phase) throw new Error(JSON.stringify(status));
      return true;
    },
    { timeoutMs: 60_000 },
  );
}
