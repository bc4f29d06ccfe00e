import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ApiServer } from '../../lab/api-server.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import type { SparkApplication } from '../../src/manifest/index.ts';
import { BatchSubmitter, NativeSubmitter, Submitters } from '../../src/submitters/index.ts';
import type { SparkApplicationResult } from '../../src/protocol/index.ts';
import {
  connectEnvironment,
  failureOf,
  startWorker,
  type Environment,
  type RunningWorker,
} from '../support/environment.ts';
import { collectionPath, exampleApplications, prerequisites } from '../support/example-manifests.ts';
import { sparkPi } from '../support/manifests.ts';
import { patient } from './patient.ts';
import type {} from './real-spark.ts';

const NAMESPACE = 'analytics';

const lab = inject('realLab');
let env: Environment;
/** One for all applications, which run at the same time. */
let worker: RunningWorker;

beforeAll(async () => {
  const { kubeconfig, temporalAddress } = lab;
  const api = await ApiServer.connect(kubeconfig);
  try {
    await api.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    for (const object of prerequisites(NAMESPACE)) await api.create(collectionPath(object), object);
  } finally {
    api.close();
  }
  env = await connectEnvironment({ kubeconfig, temporalAddress, namespace: NAMESPACE });
  worker = await startWorker(env, {
    submitter: new Submitters([new NativeSubmitter(), new BatchSubmitter({ windowMs: 10_000, windowSize: 2 })]),
  });
});

afterAll(async () => {
  await worker?.stop();
  await env?.close();
});

/** The application of an example in the lab's image, asking for little enough that many fit on one node. */
function example(file: string): SparkApplication {
  const [application] = exampleApplications(file, NAMESPACE) as [SparkApplication];
  const inLab = JSON.parse(
    JSON.stringify(application)
      .replaceAll(`"${application.spec.image!}"`, `"${lab.sparkImage}"`)
      .replaceAll('"200m"', '"50m"'),
  ) as SparkApplication;
  return patient(inLab);
}

interface Run {
  readonly result: SparkApplicationResult;
  readonly log: string;
  readonly driver: Pod;
  /** Executor pods as last seen, those that went included. */
  readonly executors: readonly Pod[];
  /** Most executors that were seen to run at once. */
  readonly mostExecutors: number;
}

/** Runs an application to its end, which must be COMPLETED. */
async function completed(application: SparkApplication): Promise<Run> {
  const { name } = application.metadata;
  const executors = new Map<string, Pod>();
  let mostExecutors = 0;
  const lease = env.kubernetes.watch(Resources.pods, NAMESPACE, `${APP_NAME}=${name},spark-role=executor`);
  try {
    await lease.ready;
    lease.subscribe((podName, pod) => {
      if (pod !== undefined) executors.set(podName, pod);
      const running = lease.list().filter(({ status }) => status?.phase === 'Running').length;
      mostExecutors = Math.max(mostExecutors, running);
    });
    const result = await (await env.spark.start(application)).result();
    expect(result).toMatchObject({ state: 'COMPLETED', exitCode: 0, attempts: 1 });
    const log = await env.kubernetes.logs(NAMESPACE, `${name}-driver`, { container: 'spark-kubernetes-driver' });
    const driver = (await env.kubernetes.get(Resources.pods, NAMESPACE, `${name}-driver`))!;
    return { result, log, driver, executors: [...executors.values()], mostExecutors };
  } finally {
    lease.release();
  }
}

const APP_NAME = 'sparkoperator.k8s.io/app-name';

// Side by side, on few cores, each may take minutes.
describe.concurrent('real Spark on a real kubelet', { timeout: 600_000 }, () => {
  it('runs Python', async () => {
    const { log, driver, executors } = await completed(example('python.yaml'));
    expect(log).toMatch(/Pi is roughly 3\.1\d+/);
    for (const { metadata } of [driver, ...executors]) expect(metadata!.labels).toMatchObject({ team: 'analytics' });
  });

  it('runs Scala or Java, with several executors', async () => {
    const { log, executors } = await completed(example('scala.yaml'));
    expect(log).toMatch(/Pi is roughly 3\.1\d+/);
    expect(executors).toHaveLength(3);
    // 512 MiB of heap and 256 MiB of overhead, as the manifest specifies.
    expect(executors[0]!.spec!.containers[0]!.resources).toMatchObject({
      requests: { memory: '768Mi' },
      limits: { cpu: '1', memory: '768Mi' },
    });
  });

  it('runs drivers that share their configuration', async () => {
    const runs = await Promise.all(
      ['shares-one', 'shares-other'].map((name) => {
        const { metadata, spec, ...rest } = example('scala.yaml');
        const annotations = { ...metadata.annotations, 'temporal-spark/submitter': 'batch' };
        const executor = { ...spec.executor, instances: 1 };
        return completed({ ...rest, metadata: { ...metadata, name, annotations }, spec: { ...spec, executor } });
      }),
    );
    const configMaps = runs.map(
      ({ driver }) => driver.spec!.volumes!.find(({ name }) => name === 'spark-conf-volume-driver')!.configMap!.name,
    );
    expect(new Set(configMaps).size).toBe(1);
    for (const { log, executors, result } of runs) {
      expect(log).toMatch(/Pi is roughly 3\.1\d+/);
      expect(executors.map(({ metadata }) => metadata!.labels!['spark-app-selector'])).toEqual([
        result.sparkApplicationId,
      ]);
    }
  });

  it('gives driver and executors the files and variables of ConfigMaps and Secrets', async () => {
    const { log } = await completed(example('configmap-and-secret.yaml'));
    expect(log).toContain('The driver reports on Europe in CHF');
    expect(log).toContain('2 executors report on Europe in CHF');
  });

  it('lets driver and executors shuffle by way of emptyDir volumes', async () => {
    const { log } = await completed(example('scratch-volumes.yaml'));
    expect(log).toContain('The largest of 100000 numbers is 99999');
    expect(log).toContain("The driver's scratch directory is /scratch/driver");
    expect(log).toContain("An executor's scratch directory is /scratch/executor");
  });

  it('adds and removes executors as there is work', async () => {
    const { log, executors, mostExecutors } = await completed(example('dynamic-allocation.yaml'));
    expect(log).toContain('After the burst there are 3 executors');
    expect(log).toContain('After the quiet there is 1 executor');
    expect(mostExecutors).toBe(3);
    expect(executors).toHaveLength(3);
    // The third may outlast the last look at it: it goes with the driver.
    const gone = executors.filter(({ metadata }) => metadata!.deletionTimestamp !== undefined);
    expect(gone.length).toBeGreaterThanOrEqual(2);
  });

  it('runs what a pod template adds to a driver', async () => {
    const { log, driver } = await completed(example('pod-template.yaml'));
    expect(log).toMatch(/Pi is roughly 3\.1\d+/);
    expect(driver.metadata!.annotations).toMatchObject({ 'example.org/cost-centre': 'analytics' });
    expect(driver.spec!.terminationGracePeriodSeconds).toBe(20);
    const shipped = await env.kubernetes.logs(NAMESPACE, 'templated-pi-driver', { container: 'log-shipper' });
    expect(shipped).toBe('prepared\n');
  });

  const failing = (name: string, mainClass: string, args: string[]) => {
    const manifest = sparkPi({ name, namespace: NAMESPACE, image: lab.sparkImage, mainClass, args });
    return failureOf(env.spark.start(patient(manifest)).then((started) => started.result()));
  };
  const EXAMPLES = 'org.apache.spark.examples';

  it('reports the exit code of an application that fails, and the end of its log', async () => {
    const { result } = await failing('fails', `${EXAMPLES}.ExitWith`, ['7']);
    expect(result).toMatchObject({ state: 'FAILED', exitCode: 7, reason: 'Error' });
    expect(result!.logTail).toContain('Successfully stopped SparkContext');
  });

  it('reports that the kernel killed a driver that used more memory than its container has', async () => {
    const { result, message } = await failing('container-memory', `${EXAMPLES}.OutOfMemory`, ['container']);
    expect(message).toContain('OOMKilled');
    expect(result).toMatchObject({ state: 'FAILED', exitCode: 137, reason: 'OOMKilled' });
  });

  it('reports that the heap of a driver was too small', async () => {
    const { result, message } = await failing('heap-memory', `${EXAMPLES}.OutOfMemory`, ['heap']);
    expect(result).toMatchObject({ state: 'FAILED', exitCode: 1 });
    expect(message).toContain('java.lang.OutOfMemoryError: Java heap space');
    expect(result!.logTail).toContain('at org.apache.spark.examples.OutOfMemory.fillHeap');
  });
});
