import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER } from '../../test/support/manifests.ts';
import type { Figure } from '../scale/figures.ts';
import { startRunning } from '../scale/held.ts';
import type { ScaleLab, WorkerSettings } from '../scale/scale-lab.ts';
import type { OperatorBenchOptions } from './options.ts';
import { applying, SERVES } from './resources.ts';

/** One percent of the resources is new when a worker starts again. */
const NEW_SHARE = 0.01;
const MEBIBYTE = 1024 * 1024;

/**
 * Resources whose drivers run. The worker is killed with SIGKILL, some more are applied, and a new worker catches up:
 * it has compared all of them with their workflows, and has started those of the new ones. Memory is that of two new
 * workers for the same applications, one that serves resources and one that does not, each after a collection.
 */
export async function held(scale: ScaleLab, options: OperatorBenchOptions): Promise<Figure[]> {
  const { held: count, settleSeconds } = options;
  const directory = mkdtempSync(join(tmpdir(), 'bench-operator-'));
  const file = join(directory, 'memory.json');
  const memoryOf = async (env: NonNullable<WorkerSettings['env']>): Promise<NodeJS.MemoryUsage> => {
    await sleep(1000 * settleSeconds, undefined, { signal: scale.signal });
    return collected(scale, env['MEMORY_FILE']!);
  };
  const reporting = (name: string, env: NonNullable<WorkerSettings['env']>) => ({
    env: { ...env, MEMORY_FILE: `${file}.${name}` },
    flags: [`--import=${join(import.meta.dirname, 'report-memory.ts')}`],
  });
  try {
    await scale.startWorker({ env: SERVES });
    const namespace = await applying(scale, (apply) => startRunning(scale, count, apply));
    await scale.killWorker();
    const added = Math.max(1, Math.round(count * NEW_SHARE));
    // The API server lists them last.
    const names = Array.from({ length: added }, (_, index) => `z-${index}`);
    await applying(scale, (apply) => Promise.all(names.map((name) => apply(namespace, name, RUN_FOREVER))));
    const serving = reporting('serving', SERVES);
    const startedAt = performance.now();
    await scale.startWorker(serving);
    const readyAt = performance.now();
    await scale.untilCounted(`SparkNamespace = "${namespace}"`, count + added);
    const caughtUpAt = performance.now();
    await scale.untilCounted(`SparkNamespace = "${namespace}" AND SparkState = "RUNNING"`, count + added);
    const withBridge = await memoryOf(serving.env);
    await scale.killWorker();
    const without = reporting('without', {});
    await scale.startWorker(without);
    const withoutBridge = await memoryOf(without.env);
    const { lost, doubled } = await scale.lostAndDoubled(namespace, count + added);
    const mebibytes = (name: string, bytes: number): Figure => ({
      ...{ name: `held.${name}`, unit: 'MiB' },
      values: [bytes / MEBIBYTE],
    });
    return [
      { name: 'held.resources', unit: '', values: [count + added] },
      { name: 'held.ready', unit: 's', values: [(readyAt - startedAt) / 1000] },
      { name: 'held.caughtUp', unit: 's', values: [(caughtUpAt - startedAt) / 1000] },
      mebibytes('rss', withBridge.rss),
      mebibytes('rssMore', withBridge.rss - withoutBridge.rss),
      mebibytes('heapMore', withBridge.heapUsed - withoutBridge.heapUsed),
      { name: 'held.lost', unit: '', values: [lost] },
      { name: 'held.doubled', unit: '', values: [doubled] },
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Of the worker, after a collection of its main thread, where the resources are. */
async function collected(scale: ScaleLab, file: string): Promise<NodeJS.MemoryUsage> {
  process.kill(scale.processes()['worker']!, 'SIGWINCH');
  const { signal } = scale;
  await eventually('the worker to report its memory', () => (readFileSync(file), true), { signal });
  return JSON.parse(readFileSync(file, 'utf8')) as NodeJS.MemoryUsage;
}
