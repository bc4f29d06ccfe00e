import { Resources } from '../../src/kubernetes/index.ts';
import { Ceiling, costOf, type Cost } from './ceiling.ts';
import { percentile, type Figure } from './figures.ts';
import { operatorPerMinute } from './kubeflow-operator.ts';
import type { ScaleOptions } from './options.ts';
import { memoryOf } from './process-usage.ts';
import type { ScaleLab, StartApplication } from './scale-lab.ts';

const WARM_UP = 50;
const ONE_BY_ONE = 20;

export interface Burst extends Cost {
  readonly namespace: string;
  /** Applications that did not complete. */
  readonly failed: number;
  readonly lost: number;
  readonly doubled: number;
}

/** All applications at once, from the first start to the last recorded end; ours and the ceiling take turns. */
export async function burst(scale: ScaleLab, options: ScaleOptions): Promise<Figure[]> {
  const { applications, rounds, operatorApplications } = options;
  const ceiling = await Ceiling.start(scale);
  const ours: Burst[] = [];
  const ceilings: Cost[] = [];
  try {
    await oneBurst(scale, Math.min(WARM_UP, applications));
    await ceiling.measure(Math.min(WARM_UP, applications));
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await oneBurst(scale, applications));
      ceilings.push(await ceiling.measure(applications));
      const each = [ours, ceilings].map((costs) => costs.at(-1)!.perMinute.toFixed(0));
      console.error(`  round ${round + 1}: ${each[0]} applications a minute, the ceiling ${each[1]}`);
    }
  } finally {
    await ceiling.stop();
  }
  const memory = memoryOf(scale.processes, 'VmHWM');
  const starts = await startToDriver(scale);
  const operator = await operatorPerMinute(scale, operatorApplications);
  const pairs = ours.map((cost, round) => [cost, ceilings[round]!] as const);
  const perMinute = ours.map((cost) => cost.perMinute);
  return [
    { name: 'burst.perMinute', unit: '/min', values: perMinute },
    { name: 'burst.ceilingPerMinute', unit: '/min', values: ceilings.map((cost) => cost.perMinute) },
    { name: 'burst.ofCeiling', unit: '%', values: pairs.map(([own, top]) => (100 * own.perMinute) / top.perMinute) },
    {
      name: 'burst.workerOverEmptyWorker',
      unit: 'times',
      values: pairs.map(([own, top]) => own.cpuMs['worker']! / top.cpuMs['empty-worker']!),
    },
    {
      name: 'burst.temporalOverEmpty',
      unit: 'times',
      values: pairs.map(([own, top]) => own.cpuMs['temporal']! / top.cpuMs['temporal']!),
    },
    ...cpuFigures('burst.cpu', ours),
    ...cpuFigures('burst.ceilingCpu', ceilings),
    ...Object.entries(memory).map(([name, mib]) => ({ name: `burst.peak.${name}`, unit: 'MiB', values: [mib] })),
    { name: 'burst.idleStartP50', unit: 'ms', values: [percentile(starts, 50)] },
    { name: 'burst.idleStartMax', unit: 'ms', values: [Math.max(...starts)] },
    { name: 'burst.failed', unit: '', values: ours.map(({ failed }) => failed) },
    { name: 'burst.lost', unit: '', values: ours.map(({ lost }) => lost) },
    { name: 'burst.doubled', unit: '', values: ours.map(({ doubled }) => doubled) },
    { name: 'burst.operatorPerMinute', unit: '/min', values: operator },
    {
      name: 'burst.overOperator',
      unit: 'times',
      values: operator.flatMap((its) => perMinute.map((own) => own / its)),
    },
  ];
}

/** In a namespace of its own. */
export async function oneBurst(
  scale: ScaleLab,
  applications: number,
  start: StartApplication = scale.startApplication,
): Promise<Burst> {
  const namespace = await scale.newNamespace('burst');
  const meter = scale.meter();
  await Promise.all(Array.from({ length: applications }, (_, index) => start(namespace, `pi-${index}`)));
  await scale.untilCounted(`SparkNamespace = "${namespace}" AND ExecutionStatus != "Running"`, applications);
  const cost = costOf(meter, applications);
  const completed = await scale.count(`SparkNamespace = "${namespace}" AND ExecutionStatus = "Completed"`);
  const counted = await scale.lostAndDoubled(namespace, applications);
  return { ...cost, namespace, failed: applications - completed, ...counted };
}

/** CPU milliseconds per application by process. */
export function cpuFigures(prefix: string, costs: readonly Cost[]): Figure[] {
  const names = Object.keys(costs[0]?.cpuMs ?? {});
  return names.map((name) => ({
    name: `${prefix}.${name}`,
    unit: 'ms',
    values: costs.map(({ cpuMs }) => cpuMs[name] ?? NaN),
  }));
}

/** Milliseconds from the request to a driver that a watcher sees, one application after the other. */
async function startToDriver(scale: ScaleLab): Promise<number[]> {
  const namespace = await scale.newNamespace('idle');
  const seen = new Map<string, number>();
  const pods = scale.env.kubernetes.watch(Resources.pods, namespace, 'spark-role=driver');
  pods.subscribe((name) => void (seen.has(name) || seen.set(name, performance.now())));
  try {
    await pods.ready;
    const times: number[] = [];
    for (let index = 0; index < ONE_BY_ONE; index += 1) {
      const begun = performance.now();
      await scale.startApplication(namespace, `pi-${index}`);
      await scale.untilCounted(`SparkNamespace = "${namespace}" AND ExecutionStatus = "Completed"`, index + 1);
      times.push(seen.get(`pi-${index}-driver`)! - begun);
    }
    return times;
  } finally {
    pods.release();
  }
}
