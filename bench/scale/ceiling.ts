import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseSparkApplication } from '../../src/manifest/index.ts';
import { attemptIdentity } from '../../src/spark/attempt.ts';
import { buildDriverObjects, ownedBy, toSparkSubmission } from '../../src/spark/index.ts';
import { BareClient } from '../bare-client.ts';
import { scaleApplication, type ScaleLab } from './scale-lab.ts';
import { CpuMeter } from './process-usage.ts';

export interface Cost {
  readonly perMinute: number;
  /** CPU milliseconds per application, by process. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

const START_MS = 60_000;

/**
 * The same Temporal runs a workflow of three empty activities for each application, and at the same time the barest client
 * makes the same Kubernetes objects, waits for the end of each driver and removes its finalizer. Whatever runs
 * applications by Temporal on Kubernetes does at least both.
 */
export class Ceiling {
  private readonly scale: ScaleLab;
  private readonly worker: ChildProcess;
  private readonly taskQueue: string;

  private constructor(scale: ScaleLab, worker: ChildProcess, taskQueue: string) {
    this.scale = scale;
    this.worker = worker;
    this.taskQueue = taskQueue;
  }

  static async start(scale: ScaleLab): Promise<Ceiling> {
    const taskQueue = 'three-empty-activities';
    const worker = fork(join(import.meta.dirname, 'empty-worker.ts'), [scale.env.temporalAddress, taskQueue]);
    const ceiling = new Ceiling(scale, worker, taskQueue);
    try {
      await once(worker, 'message', { signal: AbortSignal.any([scale.signal, AbortSignal.timeout(START_MS)]) });
      return ceiling;
    } catch (error) {
      await ceiling.stop();
      throw error;
    }
  }

  async measure(applications: number): Promise<Cost> {
    const { scale, worker } = this;
    const namespace = await scale.newNamespace('ceiling');
    const meter = new CpuMeter(() => ({ ...scale.processes(), 'empty-worker': worker.pid }));
    await Promise.all([this.workflows(namespace, applications), this.objects(namespace, applications)]);
    return costOf(meter, applications);
  }

  async stop(): Promise<void> {
    const { worker } = this;
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const ended = once(worker, 'exit');
    if (worker.connected) worker.disconnect();
    const timer = setTimeout(() => worker.kill('SIGKILL'), START_MS);
    await ended;
    clearTimeout(timer);
  }

  private async workflows(prefix: string, count: number): Promise<void> {
    const { client } = this.scale.env;
    const { taskQueue } = this;
    await Promise.all(
      Array.from({ length: count }, (_, index) =>
        client.workflow.start('threeEmptyActivities', { taskQueue, workflowId: `${prefix}/${index}` }),
      ),
    );
    const completed = `WorkflowId STARTS_WITH "${prefix}/" AND ExecutionStatus = "Completed"`;
    await this.scale.untilCounted(completed, count);
  }

  private async objects(namespace: string, count: number): Promise<void> {
    const bare = new BareClient(this.scale.lab.kubeconfig);
    const path = `/api/v1/namespaces/${namespace}`;
    try {
      const ended = new Map<string, () => void>();
      bare.watch(`${path}/pods`, (event) => {
        const { object } = event as { object: { metadata: { name: string }; status?: { phase?: string } } };
        if (object.status?.phase === 'Succeeded') ended.get(object.metadata.name)?.();
      });
      const { signal } = this.scale;
      await Promise.all(
        Array.from({ length: count }, async (_, index) => {
          const { pod, dependents } = driverObjectsOf(namespace, index);
          const end = new Promise<void>((resolve, reject) => {
            const name = pod.metadata!.name!;
            ended.set(name, resolve);
            const abort = () => reject(new Error(`waiting for the end of ${name}`, { cause: signal.reason }));
            signal.addEventListener('abort', abort, { once: true });
          });
          const [created] = await Promise.all([createDriver(bare, path, pod, dependents), end]);
          const released = { metadata: { finalizers: null } };
          await bare.send('PATCH', `${path}/pods/${created}`, released, 'application/merge-patch+json');
        }),
      );
    } finally {
      bare.close();
    }
  }
}

/** CPU of each process per application, and applications a minute. */
export function costOf(meter: CpuMeter, applications: number): Cost {
  const { cpuMs, seconds } = meter.read();
  return {
    perMinute: (60 * applications) / seconds,
    cpuMs: Object.fromEntries(Object.entries(cpuMs).map(([name, ms]) => [name, ms / applications])),
  };
}

type DriverObjects = ReturnType<typeof buildDriverObjects>;

function driverObjectsOf(namespace: string, index: number): DriverObjects {
  const name = `pi-${index}`;
  const submission = toSparkSubmission(parseSparkApplication(scaleApplication(namespace, name)));
  const identity = attemptIdentity({
    workflowId: `spark/${namespace}/${name}`,
    firstRunId: 'bench',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: name,
    driverPodName: `${name}-driver`,
    submitTime: Date.now(),
  });
  return buildDriverObjects(submission, identity);
}

async function createDriver(
  bare: BareClient,
  path: string,
  pod: DriverObjects['pod'],
  dependents: DriverObjects['dependents'],
): Promise<string> {
  const { metadata } = await bare.post(`${path}/pods`, pod);
  const driver = { ...pod, metadata: { ...pod.metadata, uid: metadata.uid } };
  await Promise.all(
    dependents.map((object) =>
      bare.post(`${path}/${object.kind === 'Service' ? 'services' : 'configmaps'}`, ownedBy(driver, object)),
    ),
  );
  return pod.metadata!.name!;
}
