import { machine, report, table, type Figure, type ReportedFigure } from '../scale/figures.ts';
import type { ScaleLab } from '../scale/scale-lab.ts';
import { withScaleLab } from '../scale/with-scale-lab.ts';
import { installCrds } from '../../test/support/crds.ts';
import { OPERATOR_TARGETS } from '../targets.ts';
import { burst } from './burst.ts';
import { held } from './held.ts';
import { operatorOptions, OperatorMode, type OperatorBenchOptions } from './options.ts';

export interface OperatorReport {
  readonly method: string;
  readonly options: OperatorBenchOptions;
  readonly figures: Readonly<Record<string, ReportedFigure>>;
}

/**
 * What SparkApplication resources cost next to applications that the SDK starts. Each mode has its own Temporal, simulated
 * cluster and worker, which serves the resources. Prints a table with the targets.
 *
 * @throws Error for unknown modes or options, and where a mode fails or takes longer than its limit
 */
export async function operator(args: readonly string[]): Promise<OperatorReport> {
  const options = operatorOptions(args);
  const { limitMinutes } = options;
  const figures: Figure[] = [];
  for (const mode of options.modes) {
    console.error(`${mode}:`);
    const measured = await withScaleLab({ limitMinutes, worker: false, audit: mode === 'burst' }, async (lab) => {
      await installCrds(lab.env.kubernetes);
      return run(mode, lab, options);
    });
    figures.push(...measured);
  }
  const reported = report(figures, OPERATOR_TARGETS);
  const method = `${machine()}; calls of the worker from the API server's audit log, without watches`;
  console.error([method, '', ...table(reported)].join('\n'));
  return { method, options, figures: reported };
}

async function run(mode: OperatorMode, lab: ScaleLab, options: OperatorBenchOptions): Promise<readonly Figure[]> {
  switch (mode) {
    case OperatorMode.Burst:
      return burst(lab, options);
    case OperatorMode.Held:
      return held(lab, options);
    default:
      return mode satisfies never;
  }
}
