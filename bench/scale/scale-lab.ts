import { mkdirSync } from 'node:fs';
import { eventually } from '../../lab/eventually.ts';
import { startLab } from '../../lab/lab.ts';
import type { Lab } from '../../lab/contract.ts';
import { startWorkerProcess, type WorkerProcess } from '../../lab/worker-process.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { Label } from '../../src/spark/metadata.ts';
import { connectEnvironment, type Environment } from '../../test/support/environment.ts';
import { sparkPi } from '../../test/support/manifests.ts';
import { makeNamespace } from '../../test/support/namespace.ts';
import { CpuMeter } from './process-usage.ts';

const NODES = 20;
/** A worker that drains takes as long as its shutdown grace period. */
const WORKER_END_MS = 60_000;
const COUNT_EVERY_MS = 250;
/** The time limit of the mode ends each wait. */
const LONGEST_MS = 2 ** 31 - 1;

export interface ScaleLabOptions {
  readonly signal: AbortSignal;
  /** @default none */
  readonly cpuProfiles?: string;
  /** Whether it starts with a worker. @default true */
  readonly worker?: boolean;
  /** Keeps the API server's audit log. @default false */
  readonly audit?: boolean;
}

/** What a worker gets beyond what all have. */
export interface WorkerSettings {
  /** Environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of Node. */
  readonly flags?: readonly string[];
}

/** Has an application started, by whatever means; the annotations are those of its driver. */
export type StartApplication = (
  namespace: string,
  name: string,
  annotations?: Record<string, string>,
) => Promise<unknown>;

/** Temporal, a simulated cluster and one worker; what it started ends with `stop()`, and with this process. */
export class ScaleLab {
  readonly lab: Lab;
  readonly env: Environment;
  readonly signal: AbortSignal;
  private readonly options: ScaleLabOptions;
  private worker: WorkerProcess | undefined;

  private constructor(lab: Lab, env: Environment, options: ScaleLabOptions) {
    this.lab = lab;
    this.env = env;
    this.signal = options.signal;
    this.options = options;
  }

  static async start(options: ScaleLabOptions): Promise<ScaleLab> {
    const { signal, audit = false, worker = true } = options;
    const lab = await startLab({ mode: 'simulated', nodes: NODES, audit, signal });
    const { kubeconfig, temporal } = lab;
    const env = await connectEnvironment({ kubeconfig, temporalAddress: temporal!.address, namespace: 'default' });
    const started = new ScaleLab(lab, env, options);
    try {
      if (worker) await started.startWorker();
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  async startWorker({ env: more = {}, flags = [] }: WorkerSettings = {}): Promise<void> {
    const { temporalAddress, kubeconfig, taskQueue } = this.env;
    const { cpuProfiles } = this.options;
    if (cpuProfiles !== undefined) mkdirSync(cpuProfiles, { recursive: true });
    const profiled = cpuProfiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProfiles}`];
    // The first as the image of the workers sets it.
    const env = { ...more, NODE_OPTIONS: ['--max-semi-space-size=16', ...profiled, ...flags].join(' ') };
    this.worker = await startWorkerProcess({ temporalAddress, kubeconfig, taskQueue, env });
  }

  async killWorker(): Promise<void> {
    await this.worker?.end('SIGKILL');
    this.worker = undefined;
  }

  /** By name; `client` is this process. */
  readonly processes = (): Readonly<Record<string, number | undefined>> => ({
    worker: this.worker?.pid,
    ...Object.fromEntries(Object.values(this.lab.components).map(({ name, pid }) => [name, pid])),
    client: process.pid,
  });

  meter(): CpuMeter {
    return new CpuMeter(this.processes);
  }

  /** A namespace that takes drivers. */
  newNamespace(prefix: string): Promise<string> {
    return makeNamespace(this.lab.kubeconfig, prefix);
  }

  readonly startApplication: StartApplication = async (namespace, name, annotations) => {
    await this.env.spark.start(scaleApplication(namespace, name, annotations));
  };

  async count(query: string): Promise<number> {
    return (await this.env.client.workflow.count(query)).count;
  }

  /** Resolves when so many workflows match the query of Temporal's visibility. */
  async untilCounted(query: string, count: number): Promise<void> {
    let last = 0;
    try {
      await eventually(`${count} workflows`, async () => (last = await this.count(query)) >= count, {
        timeoutMs: LONGEST_MS,
        intervalMs: COUNT_EVERY_MS,
        signal: this.signal,
      });
    } catch (error) {
      throw new Error(`waiting for ${count} workflows with ${query}, there were ${last}`, { cause: error });
    }
  }

  /** Of the applications in a namespace: those without a driver, and the drivers beyond one each. */
  async lostAndDoubled(
    namespace: string,
    applications: number,
  ): Promise<{ readonly lost: number; readonly doubled: number }> {
    const uids = new Map<string, Set<string>>();
    for await (const page of this.env.kubernetes.list(Resources.pods, namespace)) {
      for (const { metadata = {} } of page) {
        const { [Label.AppName]: name = '' } = metadata.labels ?? {};
        uids.set(name, (uids.get(name) ?? new Set()).add(metadata.uid!));
      }
    }
    const drivers = [...uids.values()].reduce((sum, { size }) => sum + size, 0);
    return { lost: applications - uids.size, doubled: drivers - uids.size };
  }

  async stop(): Promise<void> {
    try {
      await this.endWorker();
      await this.env.close();
    } finally {
      await this.lab.stop();
    }
  }

  private async endWorker(): Promise<void> {
    const { worker } = this;
    if (worker === undefined) return;
    const timer = setTimeout(() => void worker.end('SIGKILL'), WORKER_END_MS);
    await worker.end();
    clearTimeout(timer);
  }
}

/** Small enough for any number of them on the simulated nodes. */
export function scaleApplication(
  namespace: string,
  name: string,
  annotations: Record<string, string> = {},
): SparkApplicationManifest {
  const manifest = sparkPi({ name, namespace, annotations });
  const { spec } = manifest;
  return {
    ...manifest,
    spec: { ...spec, driver: { ...spec.driver, coreRequest: '1m', memory: '450m' } },
  };
}
