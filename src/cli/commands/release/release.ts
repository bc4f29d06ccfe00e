import { CliError, ExitCode } from '../../exit-code.ts';
import type { ClusterFlags, OutputFlags, TemporalFlags } from '../../flags.ts';
import { printable } from '../../output/printable.ts';
import { resolveClusters } from '../../resolve-clusters.ts';
import { withTemporal } from '../../temporal.ts';
import type { HousekeepingFlags } from '../setup.ts';
import { releaseAll, releaseOrphans, type ReleasedDriver, type ReleaseOptions } from './release-drivers.ts';
import { present } from '../../../validation/present.ts';

export interface ReleaseFlags extends TemporalFlags, ClusterFlags, HousekeepingFlags, OutputFlags {
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** Removes the finalizer from drivers whose workflow does not do it, or from all. Exit code 1 where a driver remains. */
export async function release(flags: ReleaseFlags): Promise<ExitCode> {
  const { all = false, yes = false, dryRun = false, namespace, output } = flags;
  const { graceSeconds, unknownGraceSeconds } = flags;
  if (all && !yes && !dryRun) {
    throw new CliError(
      ExitCode.BadInput,
      '--all also removes the finalizer from drivers of running applications: if such a driver is deleted, its exit ' +
        'status is lost. Preview with --dry-run; confirm with --yes.',
    );
  }
  const unreached: string[] = [];
  const options: ReleaseOptions = {
    dryRun,
    ...present({ namespaces: namespace }),
    ...resolveClusters(flags),
    onUnreachable: (cluster, { message }) => {
      unreached.push(cluster);
      console.error(printable(`Cluster ${cluster} was skipped: ${message}`));
    },
    // Housekeeping leaves young drivers alone; who calls this means them, too.
    graceMs: (graceSeconds ?? 0) * 1000,
    ...(unknownGraceSeconds === undefined ? {} : { unknownGraceMs: unknownGraceSeconds * 1000 }),
  };
  const drivers = all
    ? await releaseAll(options) // Temporal may already be uninstalled.
    : await withTemporal(flags, ({ client }) => releaseOrphans(client, options));
  console.log(output === 'json' ? JSON.stringify(drivers) : printable(text(drivers, dryRun)));
  const isDone = unreached.length === 0 && drivers.every(({ problem }) => problem === undefined);
  return isDone ? ExitCode.Ok : ExitCode.Failed;
}

function text(drivers: readonly ReleasedDriver[], dryRun: boolean): string {
  if (drivers.length === 0) return 'No drivers to release.';
  const width = Math.max(...drivers.map((driver) => nameOf(driver).length));
  const done = dryRun ? 'would be released' : 'released';
  return drivers
    .map(({ why, problem, ...driver }) =>
      [nameOf(driver).padEnd(width), problem === undefined ? done : `not released: ${problem}`, why].join('  '),
    )
    .join('\n');
}

function nameOf({ cluster, namespace, pod }: Omit<ReleasedDriver, 'why'>): string {
  return `${cluster === undefined ? '' : `${cluster}: `}${namespace}/${pod}`;
}
