import { oneBurst, type Burst } from '../scale/burst.ts';
import type { Figure } from '../scale/figures.ts';
import type { ScaleLab, StartApplication } from '../scale/scale-lab.ts';
import { ApiCallCounter, callsMore, type ApiCalls } from './api-calls.ts';
import type { OperatorBenchOptions } from './options.ts';
import { applying, SERVES } from './resources.ts';

const WARM_UP = 50;

interface CountedBurst extends Burst {
  readonly calls: ApiCalls;
}

/** Resources that are applied at once, and as many applications that the SDK starts, in turns with one worker. */
export async function burst(scale: ScaleLab, { applications, rounds }: OperatorBenchOptions): Promise<Figure[]> {
  await scale.startWorker({ env: SERVES });
  const applied: CountedBurst[] = [];
  const started: CountedBurst[] = [];
  const warmUp = Math.min(WARM_UP, applications);
  await applying(scale, (apply) => oneBurst(scale, warmUp, apply));
  await oneBurst(scale, warmUp);
  for (let round = 0; round < rounds; round += 1) {
    applied.push(await applying(scale, (apply) => countedBurst(scale, applications, apply)));
    started.push(await countedBurst(scale, applications, scale.startApplication));
    const each = [applied, started].map((bursts) => bursts.at(-1)!.perMinute.toFixed(0));
    console.error(`  round ${round + 1}: ${each[0]} resources a minute, by the SDK ${each[1]}`);
  }
  const perApplication = (calls: ApiCalls): number => sum(calls) / applications;
  const pairs = applied.map((own, round) => [own, started[round]!] as const);
  const profiles = pairs.map(([own, its]) => callsMore(own.calls, its.calls));
  return [
    { name: 'burst.perMinute', unit: '/min', values: applied.map(({ perMinute }) => perMinute) },
    { name: 'burst.sdkPerMinute', unit: '/min', values: started.map(({ perMinute }) => perMinute) },
    { name: 'burst.ofSdk', unit: '%', values: pairs.map(([own, its]) => (100 * own.perMinute) / its.perMinute) },
    { name: 'burst.calls', unit: '', values: applied.map(({ calls }) => perApplication(calls)) },
    { name: 'burst.sdkCalls', unit: '', values: started.map(({ calls }) => perApplication(calls)) },
    { name: 'burst.callsMore', unit: '', values: profiles.map(perApplication) },
    ...profileFigures('burst.callsMore', profiles, applications),
    ...profileFigures(
      'burst.sdkCalls',
      started.map(({ calls }) => calls),
      applications,
    ),
    ...(['failed', 'lost', 'doubled'] as const).map((count) => ({
      name: `burst.${count}`,
      unit: '',
      values: applied.map((own) => own[count]),
    })),
  ];
}

async function countedBurst(scale: ScaleLab, applications: number, start: StartApplication): Promise<CountedBurst> {
  const counter = await ApiCallCounter.start(scale.lab.auditLog!);
  const cost = await oneBurst(scale, applications, start);
  return { ...cost, calls: await counter.settled(cost.namespace, scale.signal) };
}

const sum = (calls: ApiCalls): number => Object.values(calls).reduce((all, each) => all + each, 0);

/** A figure for each call. */
function profileFigures(prefix: string, profiles: readonly ApiCalls[], applications: number): Figure[] {
  const names = [...new Set(profiles.flatMap((calls) => Object.keys(calls)))].sort();
  return names.map((name) => ({
    name: `${prefix}.${name}`,
    unit: '',
    values: profiles.map((calls) => (calls[name] ?? 0) / applications),
  }));
}
