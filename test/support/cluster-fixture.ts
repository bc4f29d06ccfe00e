import { afterAll, beforeAll } from 'vitest';
import { connectKubernetes, Resources } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import type { Timings } from '../../src/worker.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { createNamespace, sharedLab } from './lab-fixture.ts';
import { workerKubeconfig } from './chart-rights.ts';
import {
  connectEnvironment,
  DriverRecorder,
  separate,
  startWorker,
  type Environment,
  type RunningWorker,
  type WorkerSetup,
} from './environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { sparkPi } from './manifests.ts';

/** The shared lab as a test file uses it: its own namespace and task queue, and a record of every driver. */
export interface ClusterFixture {
  readonly env: Environment;
  /** The environment with a task queue that the worker of the file does not poll. */
  readonly separate: () => Environment;
  readonly drivers: DriverRecorder;
  /** SparkPi in the file's namespace; `annotations` of its driver define its course on simulated nodes. */
  readonly pi: (name: string, annotations?: Record<string, string>) => SparkApplicationManifest;
  readonly driverOf: (name: string) => Promise<Pod | undefined>;
  /** The driver, once it runs. */
  readonly runningDriver: (name: string) => Promise<Pod>;
}

export interface ClusterOptions {
  /** What workers may do: everything, or what the chart grants them and not a verb more. @default "all" */
  readonly rights?: 'all' | 'chart';
  /** Of the chart, for its rights. @default applications of all namespaces */
  readonly values?: object;
  /** Of the workers. @default FAST */
  readonly timings?: Partial<Timings>;
  /** Runs one worker for all tests of the file; a test that needs another takes `separate()`. @default none */
  readonly worker?: WorkerSetup;
}

/** Sets it up before the tests of the file, and takes it down after them. */
export function useCluster(
  prefix: string,
  { rights = 'all', values, timings, worker: setup }: ClusterOptions = {},
): ClusterFixture {
  let env: Environment | undefined;
  let drivers: DriverRecorder | undefined;
  let worker: RunningWorker | undefined;
  beforeAll(async () => {
    const lab = sharedLab();
    const namespace = await createNamespace({ prefix });
    env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress: lab.temporal.address, namespace });
    if (timings !== undefined) env = { ...env, timings };
    if (rights === 'chart') {
      const kubeconfig = await workerKubeconfig(lab.kubeconfig, namespace, values);
      env = { ...env, worker: { kubeconfig, kubernetes: await connectKubernetes({ kubeconfig }) } };
    }
    drivers = new DriverRecorder(env.kubernetes, namespace);
    await drivers.ready;
    if (setup !== undefined) worker = await startWorker(env, setup);
  });
  afterAll(async () => {
    await worker?.stop();
    drivers?.stop();
    env?.worker?.kubernetes.close();
    await env?.close();
  });
  const driverOf = async (name: string) => env!.kubernetes.get(Resources.pods, env!.namespace, `${name}-driver`);
  return {
    get env() {
      return env!;
    },
    separate: () => separate(env!),
    get drivers() {
      return drivers!;
    },
    pi: (name, annotations = {}) => sparkPi({ name, namespace: env!.namespace, annotations }),
    driverOf,
    runningDriver: (name) =>
      eventually(`driver of ${name} to run`, async () => {
        const pod = await driverOf(name);
        return pod?.status?.phase === 'Running' && pod;
      }),
  };
}
