import { setUp } from '../../client/index.ts';
import { ExitCode } from '../exit-code.ts';
import { withTemporal, type TemporalOptions } from '../temporal.ts';

export interface SetupCommandOptions extends TemporalOptions {
  readonly everySeconds: number;
  readonly graceSeconds?: number;
  readonly unknownGraceSeconds?: number;
  readonly kubeNamespace?: readonly string[];
}

/** Prepares a namespace of Temporal, and says of each thing whether it was there. */
export async function setup(options: SetupCommandOptions): Promise<ExitCode> {
  const { everySeconds, graceSeconds, unknownGraceSeconds, kubeNamespace, taskQueue } = options;
  return withTemporal(options, async ({ client, namespace }) => {
    const steps = await setUp(client, {
      ...(taskQueue === undefined ? {} : { taskQueue }),
      everyMs: everySeconds * 1000,
      housekeeping: {
        ...(kubeNamespace === undefined ? {} : { namespaces: kubeNamespace }),
        ...(graceSeconds === undefined ? {} : { graceMs: graceSeconds * 1000 }),
        ...(unknownGraceSeconds === undefined ? {} : { unknownGraceMs: unknownGraceSeconds * 1000 }),
      },
    });
    for (const { what, outcome, problem } of steps) {
      console.log(`${outcome.padEnd(9)}  ${what}${problem === undefined ? '' : `: ${problem}`}`);
    }
    if (steps.every(({ outcome }) => outcome === 'unchanged')) {
      console.log(`Namespace "${namespace}" was set up already; nothing was changed.`);
    }
    return steps.some(({ outcome }) => outcome === 'failed') ? ExitCode.Failed : ExitCode.Ok;
  });
}
