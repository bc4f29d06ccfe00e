import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { SparkApplicationFailedError, SparkClient } from '../../src/index.ts';
import { SparkPlugin, sparkWorkerOptions, type SparkPluginOptions, type Timings } from '../../src/worker.ts';
import { eventually } from '../../lab/eventually.ts';
import { connectKubernetes, Resources, type KubernetesClient } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { Label } from '../../src/spark/metadata.ts';
import { FAST } from './timings.ts';
import { workflowBundle } from './workflow-bundle.ts';

// One runtime a process: without this the SDK logs each state of each worker.
Runtime.install({ logger: new DefaultLogger('ERROR') });

/** Connections of one test file, with a namespace and a task queue that no other test uses. */
export interface TemporalEnvironment {
  readonly temporalAddress: string;
  readonly kubernetes: KubernetesClient;
  readonly client: Client;
  readonly spark: SparkClient;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Of its workers. @default FAST; a test whose claim is about a default gives DEFAULT_TIMINGS */
  readonly timings?: Partial<Timings>;
  close(): Promise<void>;
}

/** The same where there is a lab. */
export interface Environment extends TemporalEnvironment {
  readonly kubeconfig: string;
  /** Where workers have other rights than the test itself: as whom they come. */
  readonly worker?: { readonly kubeconfig: string; readonly kubernetes: KubernetesClient };
}

export async function connectEnvironment({
  kubeconfig,
  ...options
}: {
  readonly kubeconfig: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly timings?: Partial<Timings>;
}): Promise<Environment> {
  const kubernetes = await connectKubernetes({ kubeconfig });
  return { ...(await connectTemporal({ ...options, kubernetes })), kubeconfig };
}

export async function connectTemporal(options: {
  readonly temporalAddress: string;
  readonly namespace: string;
  /** Closed with the environment. */
  readonly kubernetes: KubernetesClient;
}): Promise<TemporalEnvironment> {
  const taskQueue = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address: options.temporalAddress });
  const client = new Client({ connection });
  return {
    ...options,
    client,
    spark: new SparkClient(client, { taskQueue }),
    taskQueue,
    async close() {
      options.kubernetes.close();
      await connection.close();
    },
  };
}

export interface RunningWorker {
  /** Rejects where the worker failed while it ran. */
  stop(): Promise<void>;
}

export interface WorkerSetup extends SparkPluginOptions {
  /** In addition to those of the plugin. @default none */
  readonly activities?: Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;
  /** Activities at once that are not waits. @default 500 */
  readonly slots?: number;
}

/** Starts a worker in this process, with the workflows of the tests. */
export async function startWorker(
  { kubernetes, temporalAddress, taskQueue, worker: account, timings = FAST }: Omit<Environment, 'kubeconfig'>,
  { activities = {}, slots = 500, ...plugin }: WorkerSetup = {},
): Promise<RunningWorker> {
  const connection = await NativeConnection.connect({ address: temporalAddress });
  try {
    const worker = await Worker.create({
      ...sparkWorkerOptions({
        taskQueue,
        temporalNamespace: 'default',
        maxConcurrentActivities: slots,
        shutdownGraceMs: 1_000,
        timings,
      }),
      connection,
      activities,
      workflowBundle: await workflowBundle(),
      plugins: [new SparkPlugin({ kubernetes: account?.kubernetes ?? kubernetes, timings, ...plugin })],
    });
    const running = worker.run();
    // A worker that cannot start is reported at once, not by the timeout of what waits for it.
    const failed = new AbortController();
    // Later failures are reported by stop(), not as an unhandled rejection before it.
    running.catch((error: unknown) => failed.abort(error));
    const isRunning = () => worker.getState() === 'RUNNING';
    await eventually('the worker to run', isRunning, { intervalMs: 10, signal: failed.signal });
    return {
      async stop() {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        try {
          await running;
        } finally {
          await connection.close();
        }
      },
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Runs a separate worker in this process while the body runs. */
export async function withWorker<T>(env: Environment, body: () => Promise<T>, setup: WorkerSetup = {}): Promise<T> {
  const worker = await startWorker(env, setup);
  let result: T;
  try {
    result = await body();
  } catch (error) {
    // The failure of the body is the one to show.
    await worker.stop().catch(() => undefined);
    throw error;
  }
  await worker.stop();
  return result;
}

/** The same connections with a task queue that no other worker polls. */
export function separate(env: Environment): Environment {
  const taskQueue = `test-${randomUUID()}`;
  return { ...env, taskQueue, spark: new SparkClient(env.client, { taskQueue }) };
}

/** Every driver pod that was ever seen, each object once, and what became of it. */
export class DriverRecorder {
  readonly seen = new Map<string, Pod>();
  private readonly lease;

  constructor(kubernetes: KubernetesClient, namespace: string) {
    this.lease = kubernetes.watch(Resources.pods, namespace, `${Label.SubmissionId},spark-role=driver`);
    this.lease.subscribe((_, pod) => {
      if (pod !== undefined) this.seen.set(pod.metadata!.uid!, pod);
    });
  }

  /** Submission IDs of the drivers an application had: one an attempt. */
  attemptsOf(name: string): string[] {
    return [...this.seen.values()].flatMap(({ metadata: { labels = {} } = {} }) =>
      labels[Label.AppName] === name ? [labels[Label.SubmissionId]!] : [],
    );
  }

  get ready(): Promise<void> {
    return this.lease.ready;
  }

  stop(): void {
    this.lease.release();
  }
}

/** How an application that must not complete ended. */
export async function failureOf(result: Promise<unknown>): Promise<SparkApplicationFailedError> {
  const error = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SparkApplicationFailedError) return error;
  throw new Error('The application was expected to fail', { cause: error });
}
