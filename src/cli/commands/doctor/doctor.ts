import { checkTemporal, examineCluster, failed, FindingStatus, type Finding } from './examine-cluster.ts';
import type { IsolatedRights } from '../../../submitters/index.ts';
import { DEFAULT_TASK_QUEUE } from '../../../protocol/index.ts';
import { clustersAsked, type ClusterOptions } from '../../resolve-clusters.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { readApplications } from '../../read-manifests.ts';
import { withTemporal, type TemporalOptions } from '../../temporal.ts';

export interface DoctorOptions extends TemporalOptions, ClusterOptions {
  readonly kubeNamespace?: string;
  readonly placementFile?: string;
  readonly isolated?: IsolatedRights;
  readonly manifest?: string;
  readonly output: 'text' | 'json';
}

/**
 * Looks over Temporal and the cluster, and says of each defect what to do. Exit code 1 where something failed.
 *
 * @throws ManifestError, CliError for a manifest that can't be read
 */
export async function doctor(options: DoctorOptions, version: string): Promise<ExitCode> {
  const { kubeNamespace, placementFile, isolated, manifest, output } = options;
  const asked = clustersAsked(options);
  const applications = manifest === undefined ? [] : await readApplications(manifest);
  const [temporal, cluster] = await Promise.all([
    examineTemporal(options),
    examineCluster({
      version,
      applications,
      ...(isolated === undefined ? {} : { isolated }),
      ...asked,
      ...(kubeNamespace === undefined ? {} : { namespace: kubeNamespace }),
      ...(placementFile === undefined ? {} : { placementFile }),
    }),
  ]);
  const findings = [...temporal, ...cluster];
  console.log(output === 'json' ? JSON.stringify(findings) : text(findings));
  return findings.some(({ status }) => status === FindingStatus.Failed) ? ExitCode.Failed : ExitCode.Ok;
}

async function examineTemporal(options: DoctorOptions): Promise<Finding[]> {
  try {
    return await withTemporal(options, ({ client }) => checkTemporal(client, options.taskQueue ?? DEFAULT_TASK_QUEUE));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const [found = '', ...remedy] = error.message.split('\n');
    return [failed('Temporal', found, remedy.join(' ') || 'see TEMPORAL_ADDRESS and --address')];
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
  return [...rows, `${findings.length} checks: ${failures} failed, ${warnings} with a warning`].join('\n');
}
