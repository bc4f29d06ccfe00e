import { availableParallelism, totalmem } from 'node:os';
import { SCALE_TARGETS } from '../targets.ts';
import { burst } from './burst.ts';
import { report, table, type Figure, type ReportedFigure } from './figures.ts';
import { growth } from './growth.ts';
import { held } from './held.ts';
import { ScaleMode, scaleOptions, type ScaleOptions } from './options.ts';
import { recovery } from './recovery.ts';
import { ScaleLab } from './scale-lab.ts';
import { steady } from './steady.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface ScaleReport {
  readonly method: string;
  readonly options: ScaleOptions;
  readonly figures: Readonly<Record<string, ReportedFigure>>;
}

/**
 * How many applications one worker runs, and what each costs, by process. Each mode has its own Temporal, simulated
 * cluster and worker, which it stops, also when its time is over. Prints a table with the targets.
 *
 * @throws Error for unknown modes or options, and where a mode fails or takes longer than its limit
 */
export async function scale(args: readonly string[]): Promise<ScaleReport> {
  const options = scaleOptions(args);
  const figures: Figure[] = [];
  for (const mode of options.modes) {
    console.error(`${mode}:`);
    figures.push(...(await measureMode(mode, options)));
  }
  const reported = report(figures, SCALE_TARGETS);
  const method =
    `${availableParallelism()} cores and ${Math.round(totalmem() / 2 ** 30)} GiB for worker, Temporal's development ` +
    'server, API server, etcd, controllers, scheduler, simulated nodes and client; CPU from /proc/PID/stat';
  console.error([method, '', ...table(reported)].join('\n'));
  return { method, options, figures: reported };
}

async function measureMode(mode: ScaleMode, options: ScaleOptions): Promise<readonly Figure[]> {
  const { limitMinutes, cpuProfiles } = options;
  // Temporal's runtime listens to these, too, so the lab leaves them to others.
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Error('interrupted'));
  for (const name of SIGNALS) process.once(name, interrupt);
  const signal = AbortSignal.any([AbortSignal.timeout(60_000 * limitMinutes), interrupted.signal]);
  const lab = await ScaleLab.start({ signal, ...(cpuProfiles === undefined ? {} : { cpuProfiles }) });
  try {
    return await run(mode, lab, options);
  } finally {
    await lab.stop();
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}

async function run(mode: ScaleMode, lab: ScaleLab, options: ScaleOptions): Promise<readonly Figure[]> {
  switch (mode) {
    case ScaleMode.Burst:
      return burst(lab, options);
    case ScaleMode.Steady:
      return steady(lab, options);
    case ScaleMode.Held:
      return held(lab, options);
    case ScaleMode.Recovery:
      return recovery(lab, options);
    case ScaleMode.Growth:
      return growth(lab, options);
    default:
      return mode satisfies never;
  }
}
