import type { ScheduledSparkApplication, SparkApplicationManifest } from '../../manifest/index.ts';
import { zoneOfSchedule } from '../../manifest/schedule.ts';
import { isRecord } from '../../validation/unknown-data.ts';
import { renderScheduledApplication } from './render-scheduled-application.ts';
import type { SparkApplicationResult } from '../../protocol/index.ts';
import type { Ledger } from '../application/ledger.ts';
import { scheduleFacts } from '../pipeline/schedule-facts.ts';
import { invalidManifest } from '../read-input.ts';
import { sparkApplication } from '../application/spark-application.ts';

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
  // Any Temporal client can have started it, with anything.
  const { kind, metadata, spec } = ((manifest as unknown) ?? {}) as Partial<ScheduledSparkApplication>;
  if ((kind as string | undefined) === 'SparkApplication') {
    return sparkApplication(manifest as SparkApplicationManifest, carriedOver);
  }
  if (typeof metadata?.name !== 'string' || !isRecord(spec?.template)) {
    throw invalidManifest(
      'The first argument must be a ScheduledSparkApplication manifest as JSON, with metadata.name and spec.template.',
    );
  }
  return sparkApplication(dueNow(manifest as ScheduledSparkApplication));
}

/** @throws ApplicationFailure `InvalidManifest` for an invalid expression or time zone */
function dueNow(manifest: ScheduledSparkApplication): SparkApplicationManifest {
  try {
    return renderScheduledApplication(manifest, scheduleFacts(undefined, zoneOfSchedule(manifest.spec)));
  } catch (error) {
    throw invalidManifest(`Cannot evaluate the template of the schedule: ${(error as Error).message}`);
  }
}
