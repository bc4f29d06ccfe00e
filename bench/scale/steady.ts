import { setTimeout as sleep } from 'node:timers/promises';
import { Resources } from '../../src/kubernetes/index.ts';
import { cpuFigures } from './burst.ts';
import { costOf } from './ceiling.ts';
import { percentile, type Figure } from './figures.ts';
import type { ScaleOptions } from './options.ts';
import type { ScaleLab } from './scale-lab.ts';

/**
 * Applications are offered at one rate, whatever becomes of them. Their age in the queue is the time from the request to
 * the driver that a watcher sees; at a rate that can be kept, that of the last minute is that of the first.
 */
export async function steady(scale: ScaleLab, { rate, minutes }: ScaleOptions): Promise<Figure[]> {
  const applications = Math.round(rate * minutes);
  const namespace = await scale.newNamespace('steady');
  const offered = new Map<string, number>();
  const ages = new Map<string, number>();
  const pods = scale.env.kubernetes.watch(Resources.pods, namespace, 'spark-role=driver');
  pods.subscribe((driver) => {
    const name = driver.slice(0, -'-driver'.length);
    const since = offered.get(name);
    if (since !== undefined && !ages.has(name)) ages.set(name, performance.now() - since);
  });
  try {
    await pods.ready;
    const meter = scale.meter();
    const starts: Promise<unknown>[] = [];
    const begun = performance.now();
    for (let index = 0; index < applications; index += 1) {
      const name = `pi-${index}`;
      await sleep(Math.max(0, begun + (index * 60_000) / rate - performance.now()), undefined, {
        signal: scale.signal,
      });
      offered.set(name, performance.now());
      starts.push(scale.startApplication(namespace, name));
    }
    await Promise.all(starts);
    const finished = `SparkNamespace = "${namespace}" AND ExecutionStatus != "Running"`;
    const behind = applications - (await scale.count(finished));
    await scale.untilCounted(finished, applications);
    const cost = costOf(meter, applications);
    const all = [...offered.keys()].map((name) => ages.get(name) ?? Infinity);
    const perMinute = Math.min(applications, Math.max(1, Math.round(rate)));
    const { lost, doubled } = await scale.lostAndDoubled(namespace, applications);
    return [
      { name: 'steady.completedPerMinute', unit: '/min', values: [cost.perMinute] },
      { name: 'steady.behindAtEnd', unit: '', values: [behind] },
      { name: 'steady.ageP50', unit: 'ms', values: [percentile(all, 50)] },
      { name: 'steady.ageP99', unit: 'ms', values: [percentile(all, 99)] },
      { name: 'steady.ageP99FirstMinute', unit: 'ms', values: [percentile(all.slice(0, perMinute), 99)] },
      { name: 'steady.ageP99LastMinute', unit: 'ms', values: [percentile(all.slice(-perMinute), 99)] },
      ...cpuFigures('steady.cpu', [cost]),
      { name: 'steady.lost', unit: '', values: [lost] },
      { name: 'steady.doubled', unit: '', values: [doubled] },
    ];
  } finally {
    pods.release();
  }
}
