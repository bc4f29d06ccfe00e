import { absentDriver } from '../../../client/absent-driver.ts';
import type { SparkApplicationDescription } from '../../../client/index.ts';
import { withUnchecked } from '../../../defaults/with-defaults.ts';
import type { SparkApplicationManifest } from '../../../manifest/index.ts';
import type { SparkApplicationStatus } from '../../../protocol/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import type { Temporal } from '../../temporal.ts';
import { uiConfiguration, type UiConfiguration } from './ui-configuration.ts';

/** An application whose last attempt has begun. */
export interface Known {
  readonly workflowId: string;
  readonly description: SparkApplicationDescription;
  readonly status: SparkApplicationStatus;
  /** With what the attempt got from the defaults of its worker. */
  readonly manifest: SparkApplicationManifest;
  readonly configuration: UiConfiguration;
}

/** @throws CliError where no attempt has begun */
export async function knownOf({ spark }: Temporal, workflowId: string): Promise<Known> {
  const description = await spark.describe(workflowId);
  const absent = absentDriver(description);
  if (absent !== undefined) {
    throw new CliError(absent.type === 'NoAnswer' ? ExitCode.Unreachable : ExitCode.Failed, absent.message);
  }
  const status = description.status!;
  const { manifest: own } = await spark.manifest(workflowId);
  const manifest = withUnchecked(own, status.defaults ?? []);
  return { workflowId, description, status, manifest, configuration: uiConfiguration(manifest) };
}

export const subjectOf = ({ status: { namespace, name } }: Pick<Known, 'status'>): string => `${namespace}/${name}`;

/** Why the driver did not start, as far as that is known. */
export const problemOf = ({ status: { problem } }: Known): string | undefined =>
  problem && [problem.reason, problem.message].filter(Boolean).join(': ');
