import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../lab/eventually.ts';
import { Resources, type KubernetesClient } from '../../src/kubernetes/index.ts';
import type { Container, Pod } from '../../src/kubernetes/objects.ts';
import { SUBMISSION_JOB } from '../../src/submitters/spark-submit-job/submission-job.ts';
import { serviceAccountKubeconfig } from './chart.ts';

export interface PodProcessesOptions {
  readonly kubernetes: KubernetesClient;
  readonly kubeconfig: string;
  readonly namespace: string;
  /** Of the Spark in the application's image. */
  readonly sparkHome: string;
  /** May change what runs, such as to have a container die. */
  readonly onStart?: (pod: Pod, processes: ReadonlyMap<string, ChildProcess>) => void;
}

/**
 * Stands in for the kubelet where nodes are made up: the containers of a submission Job's pod run as processes of this
 * machine, with the pod's Secret and a shared directory, and the creator with a token of the pod's service account.
 */
export class PodProcesses implements AsyncDisposable {
  /** All pods that ever ran. */
  readonly pods: Pod[] = [];
  private readonly options: PodProcessesOptions;
  private readonly running = new Map<
    string,
    { readonly children: readonly ChildProcess[]; readonly gone: AbortController; readonly end: Promise<void> }
  >();
  private readonly stop: () => void;

  constructor(options: PodProcessesOptions) {
    this.options = options;
    const lease = options.kubernetes.watch(Resources.pods, options.namespace, SUBMISSION_JOB);
    const unsubscribe = lease.subscribe((_, pod) => pod !== undefined && this.see(pod));
    const look = setInterval(() => this.killGone(new Set(lease.list().map(({ metadata }) => metadata!.uid!))), 100);
    this.stop = () => {
      clearInterval(look);
      unsubscribe();
      lease.release();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    this.killGone(new Set());
    await Promise.all([...this.running.values()].map(({ end }) => end));
  }

  private see(pod: Pod): void {
    const { uid, deletionTimestamp } = pod.metadata!;
    const isNew = !this.running.has(uid!) && pod.status?.phase === 'Running' && deletionTimestamp === undefined;
    if (!isNew) return;
    this.pods.push(pod);
    const children: ChildProcess[] = [];
    const gone = new AbortController();
    this.running.set(uid!, { children, gone, end: this.run(pod, children, gone.signal) });
  }

  private killGone(present: ReadonlySet<string>): void {
    for (const [uid, { children, gone }] of this.running) {
      if (present.has(uid)) continue;
      gone.abort();
      children.forEach(kill);
    }
  }

  private async run(pod: Pod, children: ChildProcess[], gone: AbortSignal): Promise<void> {
    const { sparkHome, kubernetes, kubeconfig, namespace } = this.options;
    const directory = await mkdtemp(join(tmpdir(), 'pod-'));
    try {
      const volume = new Map<string, string>();
      for (const { name, secret } of pod.spec!.volumes ?? []) {
        volume.set(name, join(directory, name));
        await mkdir(join(directory, name));
        if (secret?.secretName === undefined) continue;
        const data = await this.secret(secret.secretName, gone);
        if (data === undefined) return;
        for (const [key, value] of Object.entries(data)) {
          await writeFile(join(directory, name, key), Buffer.from(value, 'base64'));
        }
      }
      const config = await serviceAccountKubeconfig(
        { kubeconfig, directory },
        namespace,
        pod.spec!.serviceAccountName!,
      );
      const result = (name: string): string => join(directory, `${name}.result`);
      const processes = new Map(
        pod.spec!.containers.map((container) => {
          const mounted = (text: string): string =>
            (container.volumeMounts ?? []).reduce(
              (all, { name, mountPath }) => all.replaceAll(mountPath, volume.get(name)!),
              text,
            );
          const { PATH, JAVA_HOME } = process.env;
          const isOurs = container.command === undefined;
          const [command, ...args] = isOurs
            ? [process.execPath, 'src/cli/main.ts', ...container.args!, '--result', result(container.name)]
            : container.command!;
          const env = {
            PATH,
            JAVA_HOME,
            ...variables(container),
            ...(isOurs ? { KUBECONFIG: config } : { SPARK_HOME: sparkHome }),
          };
          const stdio = ['ignore', 'ignore', 'inherit'] as const;
          return [container.name, spawn(command!, args.map(mounted), { env, stdio: [...stdio], detached: true })];
        }),
      );
      children.push(...processes.values());
      this.options.onStart?.(pod, processes);
      const ended = await Promise.all(
        [...processes].map(async ([name, child]) => {
          const exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 137)));
          const message = await readFile(result(name), 'utf8').catch(() => undefined);
          const terminated = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', message };
          await this.report(pod, name, terminated);
          return exitCode;
        }),
      );
      const phase = ended.every((code) => code === 0) ? 'Succeeded' : 'Failed';
      await kubernetes
        .patch(STATUS, namespace, pod.metadata!.name!, MERGE, { status: { phase } })
        .catch(() => undefined);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** As a kubelet waits for a Secret that a pod mounts: as long as there is the pod. @returns undefined where it is gone */
  private async secret(name: string, gone: AbortSignal): Promise<Readonly<Record<string, string>> | undefined> {
    const { kubernetes, namespace } = this.options;
    const read = () => kubernetes.get(Resources.secrets, namespace, name);
    try {
      const { data = {} } = await eventually(`Secret ${name}`, read, { signal: gone, timeoutMs: FOREVER_MS });
      return data;
    } catch (error) {
      if (gone.aborted) return undefined;
      throw error;
    }
  }

  private async report(pod: Pod, name: string, terminated: object): Promise<void> {
    const { kubernetes, namespace } = this.options;
    const patch = { status: { containerStatuses: [{ name, state: { running: null, terminated } }] } };
    // The pod may be gone by now.
    await kubernetes.patch(STATUS, namespace, pod.metadata!.name!, STRATEGIC, patch).catch(() => undefined);
  }
}

/** The longest time of a timer. */
const FOREVER_MS = 2 ** 31 - 1;
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const STATUS = { ...Resources.pods, subresource: 'status' };

function kill(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

const variables = ({ env = [] }: Container): Record<string, string> =>
  Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
