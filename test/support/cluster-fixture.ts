import { afterAll, beforeAll } from 'vitest';
import type { Timings } from '../../src/index.ts';
import { connectKubernetes, Resources } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { createNamespace, sharedLab } from '../lab-fixture.ts';
import { workerKubeconfig } from './chart-rights.ts';
import { connectEnvironment, DriverRecorder, type Environment } from './environment.ts';
import { eventually } from './eventually.ts';
import { sparkPi } from './manifests.ts';

/** The shared lab as a test file uses it: a namespace and a task queue of its own, and a record of every driver. */
export interface ClusterFixture {
  readonly env: Environment;
  readonly drivers: DriverRecorder;
  /** SparkPi in the file's namespace; `annotations` of its driver tell simulated nodes how it goes. */
  readonly pi: (name: string, annotations?: Record<string, string>) => SparkApplicationManifest;
  readonly driverOf: (name: string) => Promise<Pod | undefined>;
  /** The driver, once it runs. */
  readonly runningDriver: (name: string) => Promise<Pod>;
}

export interface ClusterOptions {
  /** What workers may do: everything, or what the chart grants them and not a verb more. @default "all" */
  readonly rights?: 'all' | 'chart';
  /** Of the workers. @default FAST */
  readonly timings?: Partial<Timings>;
}

/** Sets it up before the tests of the file, and takes it down after them. */
export function useCluster(prefix: string, { rights = 'all', timings }: ClusterOptions = {}): ClusterFixture {
  let env: Environment | undefined;
  let drivers: DriverRecorder | undefined;
  beforeAll(async () => {
    const lab = sharedLab();
    const namespace = await createNamespace({ prefix });
    env = await connectEnvironment({
      ...{ kubeconfig: lab.kubeconfig, temporalAddress: lab.temporal.address, namespace },
      ...(timings === undefined ? {} : { timings }),
    });
    if (rights === 'chart') {
      const kubeconfig = await workerKubeconfig(lab.kubeconfig, namespace);
      env = { ...env, worker: { kubeconfig, kubernetes: await connectKubernetes({ kubeconfig }) } };
    }
    drivers = new DriverRecorder(env.kubernetes, namespace);
    await drivers.ready;
  });
  afterAll(async () => {
    drivers?.stop();
    env?.worker?.kubernetes.close();
    await env?.close();
  });
  const driverOf = async (name: string) => env!.kubernetes.get(Resources.pods, env!.namespace, `${name}-driver`);
  return {
    get env() {
      return env!;
    },
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
