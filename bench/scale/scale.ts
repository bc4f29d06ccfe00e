import { present } from '../../src/validation/present.ts';
import { SCALE_TARGETS } from '../targets.ts';
import { burst } from './burst.ts';
import { machine, report, table, type Figure, type ReportedFigure } from './figures.ts';
import { growth } from './growth.ts';
import { held } from './held.ts';
import { ScaleMode, scaleOptions, type ScaleOptions } from './options.ts';
import { recovery } from './recovery.ts';
import type { ScaleLab } from './scale-lab.ts';
import { steady } from './steady.ts';
import { withScaleLab } from './with-scale-lab.ts';

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
    const { limitMinutes, cpuProfiles } = options;
    figures.push(
      ...(await withScaleLab({ limitMinutes, ...present({ cpuProfiles }) }, (lab) => run(mode, lab, options))),
    );
  }
  const reported = report(figures, SCALE_TARGETS);
  const method = `${machine()}; CPU from /proc/PID/stat`;
  console.error([method, '', ...table(reported)].join('\n'));
  return { method, options, figures: reported };
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
