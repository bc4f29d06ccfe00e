import type { Command } from 'commander';
import { ExitCode } from '../exit-code.ts';
import { addTemporalFlags, namespaceFlag, repeated, taskQueueFlag, wholeNumber } from '../flags.ts';
import type { CommandContext, TemporalFlags } from '../flags.ts';
import { withTemporal } from '../temporal.ts';
import { present } from '../../validation/present.ts';

interface SetupFlags extends TemporalFlags, HousekeepingFlags {
  readonly everySeconds: number;
}

/** Which drivers housekeeping looks at. */
export interface HousekeepingFlags {
  readonly namespace?: readonly string[];
  readonly graceSeconds?: number;
  readonly unknownGraceSeconds?: number;
}

/** Adds `HousekeepingFlags`. */
export function addHousekeepingFlags(command: Command, { graceSeconds }: { readonly graceSeconds: number }): Command {
  return command
    .addOption(namespaceFlag('Kubernetes namespace, may be repeated (default: all)').argParser(repeated))
    .option('--grace-seconds <n>', `Minimum age of the drivers to consider (default: ${graceSeconds})`, wholeNumber())
    .option(
      '--unknown-grace-seconds <n>',
      'Time after its end at which a driver with an unknown workflow is released (default: 3600)',
      wholeNumber(),
    );
}

export function declareSetup(program: Command, { end }: CommandContext): void {
  addHousekeepingFlags(addTemporalFlags(program.command('setup')), { graceSeconds: 60 })
    .summary('Prepare a Temporal namespace')
    .description('Prepare a Temporal namespace: housekeeping schedule and search attributes; may be repeated')
    .addOption(taskQueueFlag())
    .option('--every-seconds <n>', 'Interval of housekeeping', wholeNumber(10), 300)
    .action(async (flags: SetupFlags) => end(await setup(flags)));
}

async function setup(flags: SetupFlags): Promise<ExitCode> {
  const { everySeconds, graceSeconds, unknownGraceSeconds, namespace: namespaces, taskQueue } = flags;
  const { setUp } = await import('../../client/index.ts');
  return withTemporal(flags, async ({ client, namespace }) => {
    const steps = await setUp(client, {
      ...present({ taskQueue }),
      everyMs: everySeconds * 1000,
      housekeeping: {
        ...present({ namespaces }),
        ...(graceSeconds === undefined ? {} : { graceMs: graceSeconds * 1000 }),
        ...(unknownGraceSeconds === undefined ? {} : { unknownGraceMs: unknownGraceSeconds * 1000 }),
      },
    });
    for (const { what, outcome, problem } of steps) {
      console.log(`${outcome.padEnd(9)}  ${what}${problem === undefined ? '' : `: ${problem}`}`);
    }
    if (steps.every(({ outcome }) => outcome === 'unchanged')) {
      console.log(`Namespace "${namespace}" is already set up.`);
    }
    return steps.some(({ outcome }) => outcome === 'failed') ? ExitCode.Failed : ExitCode.Ok;
  });
}
