import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { eventually } from '../../lab/eventually.ts';
import { pollersOf } from '../../src/client/pollers.ts';
import { SparkClient } from '../../src/index.ts';
import { PatchType, Resources, type KubernetesClient } from '../../src/kubernetes/index.ts';
import { SparkPlugin, sparkWorkerOptions } from '../../src/worker.ts';
import type { Environment } from './environment.ts';
import { RUN_FOREVER } from './manifests.ts';
import { FAST } from './timings.ts';
import { TerminalRecording, type RecordingOptions } from './terminal-recording.ts';
import { workflowBundle } from './workflow-bundle.ts';
import { root } from './build.ts';

const RUN_SECONDS = 'lab.temporal-spark/run-seconds';

/** What becomes of a driver on simulated nodes. @default it completes at once */
export interface Course {
  /** @default until a request, or `endDriver`, ends it */
  readonly exitCode?: number;
  /** What it leaves in its log: one of the recordings of real Spark in test/unit/failure-cause. @default nothing */
  readonly log?: string;
}

/** A Temporal namespace and a folder of their own, in which commands are recorded. */
export interface RecordedField {
  readonly directory: string;
  readonly spark: SparkClient;
  readonly startWorker: () => Promise<void>;
  /** From now on, of the drivers whose names contain the text. */
  readonly setCourse: (part: string, course: Course) => void;
  /** Ends a driver that runs, with success. */
  readonly endDriver: (pod: string) => Promise<void>;
  readonly recording: (options: Pick<RecordingOptions, 'name' | 'title' | 'introduction'>) => TerminalRecording;
  readonly stop: () => Promise<void>;
}

/** @param env with a namespace of Kubernetes whose name is `etl-` and eight characters */
export async function recordedField(env: Environment): Promise<RecordedField> {
  const { temporalAddress, kubernetes, namespace } = env;
  const temporalNamespace = `data-${randomBytes(4).toString('hex')}`;
  await env.client.workflowService.registerNamespace({
    namespace: temporalNamespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  const client = new Client({ connection: env.client.connection, namespace: temporalNamespace });
  const spark = new SparkClient(client);
  // A new namespace takes some seconds to be known everywhere.
  await eventually('the namespace', async () => (await client.workflow.count()).count === 0);
  const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-recordings-'));
  const before = process.cwd();
  process.chdir(directory);
  const courses = new Map<string, Course>();
  let stopWorker = async (): Promise<void> => undefined;
  return {
    directory,
    spark,
    startWorker: async () => {
      stopWorker = await runWorker({ ...env, kubernetes: withCourses(kubernetes, courses) }, temporalNamespace);
      await eventually('Temporal to know the worker', async () => (await pollersOf(client, 'temporal-spark')).size > 0);
    },
    setCourse: (part, course) => void courses.set(part, course),
    endDriver: async (pod) => {
      const metadata = { annotations: { [RUN_SECONDS]: '0' } };
      await kubernetes.patch(Resources.pods, namespace, pod, PatchType.Merge, { metadata });
    },
    recording: (options) =>
      new TerminalRecording({
        ...options,
        env: {
          KUBECONFIG: env.kubeconfig,
          TEMPORAL_ADDRESS: temporalAddress,
          TEMPORAL_NAMESPACE: temporalNamespace,
        },
        replaced: {
          [temporalNamespace]: 'data-platform',
          [namespace]: 'etl-platform',
          [temporalAddress]: 'localhost:7233',
          [`${process.pid}@${hostname()}`]: '1@worker',
          [`${directory}/`]: '',
        },
      }),
    stop: async () => {
      process.chdir(before);
      await stopWorker();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function runWorker(
  { temporalAddress, kubernetes }: Environment,
  temporalNamespace: string,
): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address: temporalAddress });
  const worker = await Worker.create({
    ...sparkWorkerOptions({
      taskQueue: 'temporal-spark',
      temporalNamespace,
      maxConcurrentActivities: 50,
      shutdownGraceMs: 1_000,
      timings: FAST,
    }),
    connection,
    workflowBundle: await workflowBundle(),
    plugins: [new SparkPlugin({ kubernetes, timings: FAST })],
  });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running.finally(() => connection.close());
  };
}

/** Adds the annotations of simulated nodes, which manifests do not have here, and reads the logs of drivers. */
function withCourses(kubernetes: KubernetesClient, courses: ReadonlyMap<string, Course>): KubernetesClient {
  const courseOf = (name: string): Course | undefined => [...courses].findLast(([part]) => name.includes(part))?.[1];
  const create: KubernetesClient['create'] = (resource, object, options) => {
    const { name = '', labels, annotations } = object.metadata ?? {};
    const course = labels?.['spark-role'] === 'driver' ? courseOf(name) : undefined;
    if (course === undefined) return kubernetes.create(resource, object, options);
    const own: Record<string, string> =
      course.exitCode === undefined ? RUN_FOREVER : { 'lab.temporal-spark/exit-code': String(course.exitCode) };
    const metadata = { ...object.metadata, annotations: { ...annotations, ...own } };
    return kubernetes.create(resource, { ...object, metadata }, options);
  };
  const read: KubernetesClient['logs'] = async (_namespace, pod) => {
    const { log } = courseOf(pod) ?? {};
    return log === undefined ? '' : readFileSync(join(root, 'test/unit/failure-cause/recordings', log), 'utf8');
  };
  return Object.create(kubernetes, { create: { value: create }, logs: { value: read } }) as KubernetesClient;
}
