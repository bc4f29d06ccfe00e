import { DEFAULT_TASK_QUEUE } from '../../../protocol/index.ts';
import type { IsolatedRights } from '../../../submitters/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import type { ClusterFlags, OutputFlags, TemporalFlags } from '../../flags.ts';
import { printable } from '../../output/printable.ts';
import { readRuns } from '../../read-manifests.ts';
import { resolveClusters } from '../../resolve-clusters.ts';
import { withTemporal } from '../../temporal.ts';
import { checkTemporal } from './check-temporal.ts';
import { examineCluster } from './examine-cluster.ts';
import { failed, FindingStatus, type Finding } from './finding.ts';
import { present } from '../../../validation/present.ts';

export interface DoctorFlags extends TemporalFlags, ClusterFlags, OutputFlags {
  readonly namespace?: string;
  readonly placementFile?: string;
  readonly isolated?: IsolatedRights;
  readonly operator?: boolean;
  readonly manifest?: string;
}

/**
 * Checks Temporal and the clusters, and prints a remedy for each problem. Exit code 1 where a check failed.
 *
 * @throws ManifestError, CliError for a manifest that cannot be read
 */
export async function doctor(flags: DoctorFlags, version: string): Promise<ExitCode> {
  const { namespace, placementFile, isolated, operator, manifest, output } = flags;
  const clusters = resolveClusters(flags);
  const runs = manifest === undefined ? [] : await readRuns(manifest);
  const applications = runs.flatMap((run) => run.applications);
  const [temporal, cluster] = await Promise.all([
    examineTemporal(flags),
    examineCluster({
      version,
      applications,
      ...present({ isolated, operator }),
      ...clusters,
      ...present({ namespace, placementFile }),
    }),
  ]);
  const findings = [...temporal, ...cluster];
  console.log(output === 'json' ? JSON.stringify(findings) : printable(text(findings)));
  return findings.some(({ status }) => status === FindingStatus.Failed) ? ExitCode.Failed : ExitCode.Ok;
}

async function examineTemporal(flags: DoctorFlags): Promise<Finding[]> {
  try {
    return await withTemporal(flags, ({ client }) => checkTemporal(client, flags.taskQueue ?? DEFAULT_TASK_QUEUE));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const [found = '', ...remedy] = error.message.split('\n');
    return [failed('Temporal', found, remedy.join(' ') || 'check --address and TEMPORAL_ADDRESS')];
  }
}

function text(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const indent = ' '.repeat('warning'.length + 2 + width + 2);
  const rows = findings.map(({ status, check, found, remedy }) =>
    [
      `${status.padEnd('warning'.length)}  ${check.padEnd(width)}  ${found}`,
      ...(remedy === undefined ? [] : [`${indent}-> ${remedy}`]),
    ].join('\n'),
  );
  const count = (status: FindingStatus) => findings.filter((finding) => finding.status === status).length;
  const [failures, warnings] = [count(FindingStatus.Failed), count(FindingStatus.Warning)];
  return [
    ...rows,
    `${findings.length} checks: ${failures} failed, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`,
  ].join('\n');
}
