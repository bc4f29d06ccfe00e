import type { ScheduledSparkApplication, SparkApplicationManifest } from '../../manifest/index.ts';
import { renderScheduledApplication } from './render-scheduled-application.ts';
import type { SparkApplicationResult } from '../../protocol/index.ts';
import type { Ledger } from '../application/ledger.ts';
import { sparkApplication } from '../application/spark-application.ts';
import { asRecord } from '../../validation/unknown-data.ts';
import { dueApplication } from './due-application.ts';

/**
 * One run of a schedule: the application of its template, named after the time it was due, with `${{ schedule.time }}`
 * and `${{ schedule.date }}` evaluated. From then on it is `sparkApplication`.
 *
 * `carriedOver` is for the workflow itself, when it continues as new; its manifest is the application's then.
 */
export async function scheduledSparkApplication(
  manifest: ScheduledSparkApplication | SparkApplicationManifest,
  carriedOver?: Partial<Ledger>,
): Promise<SparkApplicationResult> {
  const { kind } = asRecord(manifest);
  if (kind === 'SparkApplication') return sparkApplication(manifest as SparkApplicationManifest, carriedOver);
  return sparkApplication(dueApplication(manifest, renderScheduledApplication));
}
