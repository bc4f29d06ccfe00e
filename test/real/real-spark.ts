import { afterAll, beforeAll, inject } from 'vitest';
import { Resources } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import {
  connectEnvironment,
  DriverRecorder,
  startWorker,
  type Environment,
  type RunningWorker,
} from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { sparkPi } from '../support/manifests.ts';
import { patient } from './patient.ts';

export const SPARK_VERSION = '4.1.4';

/** What a test gets of the real lab that its whole suite shares. */
export interface SharedRealLab {
  readonly kubeconfig: string;
  readonly directory: string;
  readonly temporalAddress: string;
  /** With Spark `SPARK_VERSION` and its examples. */
  readonly sparkImage: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    realLab: SharedRealLab;
  }
}

/** The shared real lab as a test file uses it: the namespace `default`, a task queue and a worker of its own. */
export interface RealSpark {
  readonly lab: SharedRealLab;
  readonly env: Environment;
  readonly drivers: DriverRecorder;
  /** SparkPi, or what the options make of it, in the image of the lab. */
  readonly application: (name: string, options?: Parameters<typeof sparkPi>[0]) => SparkApplicationManifest;
  readonly driverOf: (name: string) => Promise<Pod | undefined>;
  /** The driver once its log shows that Spark itself runs. */
  readonly runningDriver: (name: string) => Promise<Pod>;
}

/** Sets it up before the tests of the file, and takes it down after them. */
export function useRealSpark(): RealSpark {
  let env: Environment | undefined;
  let drivers: DriverRecorder | undefined;
  let worker: RunningWorker | undefined;
  const lab = inject('realLab');
  beforeAll(async () => {
    const { kubeconfig, temporalAddress } = lab;
    env = await connectEnvironment({ kubeconfig, temporalAddress, namespace: 'default' });
    drivers = new DriverRecorder(env.kubernetes, 'default');
    await drivers.ready;
    worker = await startWorker(env);
  });
  afterAll(async () => {
    await worker?.stop();
    drivers?.stop();
    await env?.close();
  });
  const driverOf = (name: string) => env!.kubernetes.get(Resources.pods, 'default', `${name}-driver`);
  return {
    lab,
    get env() {
      return env!;
    },
    get drivers() {
      return drivers!;
    },
    application: (name, options = {}) => patient(sparkPi({ name, image: lab.sparkImage, ...options })),
    driverOf,
    runningDriver: (name) =>
      eventually(`Spark to run in the driver of ${name}`, async () => {
        const pod = await driverOf(name);
        if (pod?.status?.phase !== 'Running') return undefined;
        const log = await env!.kubernetes.logs('default', `${name}-driver`, { tailLines: 200 });
        return log.includes('SparkContext') && pod;
      }),
  };
}
