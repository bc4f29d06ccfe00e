import { setTimeout as sleep } from 'node:timers/promises';
import { RUN_FOREVER } from '../../test/support/manifests.ts';
import type { Figure } from './figures.ts';
import type { ScaleOptions } from './options.ts';
import { memoryOf } from './process-usage.ts';
import type { ScaleLab, StartApplication } from './scale-lab.ts';

/** Starts are spread over many requests: what is measured is what comes after them. */
const AT_ONCE = 200;
const SETTLE_MS = 30_000;

/** What applications cost that only run: CPU at rest in percent of one core, and memory, by process. */
export async function held(scale: ScaleLab, { running, restSeconds }: ScaleOptions): Promise<Figure[]> {
  await startRunning(scale, running);
  await sleep(SETTLE_MS, undefined, { signal: scale.signal });
  const meter = scale.meter();
  await sleep(1000 * restSeconds, undefined, { signal: scale.signal });
  const { cpuMs, seconds } = meter.read();
  return [
    { name: 'held.running', unit: '', values: [running] },
    ...Object.entries(cpuMs).map(([name, ms]) => ({
      name: `held.rest.${name}`,
      unit: '% of a core',
      values: [ms / seconds / 10],
    })),
    ...memoryFigures('held.memory', memoryOf(scale.processes, 'VmRSS')),
    ...memoryFigures('held.peak', memoryOf(scale.processes, 'VmHWM')),
  ];
}

/** Applications whose drivers run until they are ended; returns their namespace once all are RUNNING. */
export async function startRunning(
  scale: ScaleLab,
  count: number,
  start: StartApplication = scale.startApplication,
): Promise<string> {
  const namespace = await scale.newNamespace('running');
  for (let index = 0; index < count; index += AT_ONCE) {
    const names = Array.from({ length: Math.min(AT_ONCE, count - index) }, (_, offset) => `pi-${index + offset}`);
    await Promise.all(names.map((name) => start(namespace, name, RUN_FOREVER)));
    await scale.untilCounted(`SparkNamespace = "${namespace}" AND SparkState = "RUNNING"`, index + names.length);
  }
  return namespace;
}

function memoryFigures(prefix: string, memory: Readonly<Record<string, number>>): Figure[] {
  return Object.entries(memory).map(([name, mib]) => ({ name: `${prefix}.${name}`, unit: 'MiB', values: [mib] }));
}
