import type { ScheduledSparkApplication, SparkApplicationManifest } from '../manifest/index.ts';
import { ScheduleAnnotation } from '../manifest/schedule-annotations.ts';
import { evaluate } from '../manifest/pipeline/expression.ts';
import { renderApplication } from '../manifest/pipeline/template.ts';
import type { SparkApplicationResult } from './definitions/index.ts';
import type { CarriedOver } from './application-run.ts';
import { scheduleFacts } from './pipeline/schedule-facts.ts';
import { sparkApplication } from './spark-application.ts';

const ofSchedules: readonly string[] = Object.values(ScheduleAnnotation);

/** Where the Spark operator's users look for the schedule of an application. */
const SCHEDULE_LABEL = 'sparkoperator.k8s.io/scheduled-app-name';

/**
 * One run of a schedule: the application of its template, named after the time it was due, with `${{ schedule.time }}` and
 * `${{ schedule.date }}` filled in. From then on it is `sparkApplication`.
 *
 * `carriedOver` is for the workflow itself, when it continues as new; its manifest is the application's then.
 */
export async function scheduledSparkApplication(
  manifest: ScheduledSparkApplication | SparkApplicationManifest,
  carriedOver?: Partial<CarriedOver>,
): Promise<SparkApplicationResult> {
  return manifest.kind === 'SparkApplication'
    ? sparkApplication(manifest, carriedOver)
    : sparkApplication(applicationDue(manifest));
}

function applicationDue({ metadata, spec }: ScheduledSparkApplication): SparkApplicationManifest {
  const schedule = scheduleFacts(undefined, spec.timeZone);
  const { name, namespace, labels, annotations } = metadata;
  return {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: {
      name: `${name}-${Date.parse(schedule.time) / 1000}`,
      namespace,
      labels: { ...labels, [SCHEDULE_LABEL]: name },
      annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !ofSchedules.includes(key))),
    },
    spec: renderApplication(spec.template, (expression) => evaluate(expression, { schedule })),
  };
}
