import { releaseAll, releaseOrphans, type ReleasedDriver, type ReleaseOptions } from './release-drivers.ts';
import { clustersAsked, type ClusterOptions } from '../../resolve-clusters.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { withTemporal, type TemporalOptions } from '../../temporal.ts';

export interface ReleaseCommandOptions extends TemporalOptions, ClusterOptions {
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly kubeNamespace?: readonly string[];
  readonly graceSeconds?: number;
  readonly unknownGraceSeconds?: number;
  readonly output: 'text' | 'json';
}

/** Takes the finalizer off drivers by hand: of those that nobody else will release, or of all. */
export async function release(command: ReleaseCommandOptions): Promise<ExitCode> {
  const { all = false, yes = false, dryRun = false, kubeNamespace, output } = command;
  const { graceSeconds, unknownGraceSeconds } = command;
  if (all && !yes && !dryRun) {
    throw new CliError(
      ExitCode.BadInput,
      'With --all, drivers of applications that run lose their protection, too: should they be deleted, their end is ' +
        'lost. See what it would do with --dry-run; to do it, add --yes.',
    );
  }
  const unreached: string[] = [];
  const options: ReleaseOptions = {
    dryRun,
    ...(kubeNamespace === undefined ? {} : { namespaces: kubeNamespace }),
    ...clustersAsked(command),
    onUnreachable: (cluster, { message }) => {
      unreached.push(cluster);
      console.error(`Cluster ${cluster} was not gone through: ${message}`);
    },
    ...(graceSeconds === undefined ? {} : { graceMs: graceSeconds * 1000 }),
    ...(unknownGraceSeconds === undefined ? {} : { unknownGraceMs: unknownGraceSeconds * 1000 }),
  };
  const drivers = all
    ? await releaseAll(options) // Temporal may be gone already.
    : await withTemporal(command, ({ client }) => releaseOrphans(client, options));
  console.log(output === 'json' ? JSON.stringify(drivers) : text(drivers, dryRun));
  const isDone = unreached.length === 0 && drivers.every(({ problem }) => problem === undefined);
  return isDone ? ExitCode.Ok : ExitCode.Failed;
}

function text(drivers: readonly ReleasedDriver[], dryRun: boolean): string {
  if (drivers.length === 0) return 'No driver has to be released.';
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
