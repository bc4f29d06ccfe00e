import type { ScheduledSparkApplication, SparkApplicationManifest } from '../../manifest/index.ts';
import { zoneOfSchedule } from '../../manifest/schedule.ts';
import { isRecord } from '../../validation/unknown-data.ts';
import { scheduleFacts, type ScheduleFacts } from '../pipeline/schedule-facts.ts';
import { invalidManifest } from '../read-input.ts';

/**
 * The application of a schedule that is due now.
 *
 * @param given any Temporal client can have started the workflow, with anything
 * @throws ApplicationFailure `InvalidManifest` where it is not a schedule, for an invalid expression or time zone
 */
export function dueApplication(
  given: unknown,
  render: (schedule: ScheduledSparkApplication, facts: ScheduleFacts) => SparkApplicationManifest,
): SparkApplicationManifest {
  const { metadata, spec } = (given ?? {}) as Partial<ScheduledSparkApplication>;
  if (typeof metadata?.name !== 'string' || !isRecord(spec?.template)) {
    throw invalidManifest(
      'The first argument must be a ScheduledSparkApplication manifest as JSON, with metadata.name and spec.template.',
    );
  }
  const schedule = given as ScheduledSparkApplication;
  try {
    return render(schedule, scheduleFacts(undefined, zoneOfSchedule(schedule.spec)));
  } catch (error) {
    throw invalidManifest(`Cannot evaluate the template of the schedule: ${(error as Error).message}`);
  }
}
