import { BareClient } from '../bare-client.ts';
import type { Figure } from './figures.ts';
import { startRunning } from './held.ts';
import type { ScaleOptions } from './options.ts';
import type { ScaleLab } from './scale-lab.ts';

const AT_ONCE = 100;

/** The worker is killed with SIGKILL, all drivers end meanwhile, and a new worker records their ends. */
export async function recovery(scale: ScaleLab, { running }: ScaleOptions): Promise<Figure[]> {
  const namespace = await startRunning(scale, running);
  const killedAt = performance.now();
  await scale.killWorker();
  await endDrivers(scale, namespace, running);
  const startedAt = performance.now();
  await scale.startWorker();
  const readyAt = performance.now();
  await scale.untilCounted(`SparkNamespace = "${namespace}" AND ExecutionStatus != "Running"`, running);
  const recordedAt = performance.now();
  const completed = await scale.count(`SparkNamespace = "${namespace}" AND ExecutionStatus = "Completed"`);
  const { lost, doubled } = await scale.lostAndDoubled(namespace, running);
  const seconds = (name: string, from: number, to: number): Figure => ({
    name: `recovery.${name}`,
    unit: 's',
    values: [(to - from) / 1000],
  });
  return [
    { name: 'recovery.running', unit: '', values: [running] },
    seconds('killToRecorded', killedAt, recordedAt),
    seconds('workerStart', startedAt, readyAt),
    seconds('readyToRecorded', readyAt, recordedAt),
    { name: 'recovery.failed', unit: '', values: [running - completed] },
    { name: 'recovery.lost', unit: '', values: [lost] },
    { name: 'recovery.doubled', unit: '', values: [doubled] },
  ];
}

/** Their containers end at once with exit code 0. */
async function endDrivers(scale: ScaleLab, namespace: string, count: number): Promise<void> {
  const bare = new BareClient(scale.lab.kubeconfig);
  const ending = { metadata: { annotations: { 'lab.temporal-spark/run-seconds': '0.1' } } };
  try {
    for (let index = 0; index < count; index += AT_ONCE) {
      const names = Array.from({ length: Math.min(AT_ONCE, count - index) }, (_, offset) => `pi-${index + offset}`);
      await Promise.all(
        names.map((name) => {
          const path = `/api/v1/namespaces/${namespace}/pods/${name}-driver`;
          return bare.send('PATCH', path, ending, 'application/merge-patch+json');
        }),
      );
    }
  } finally {
    bare.close();
  }
}
