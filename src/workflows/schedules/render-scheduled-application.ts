import type { ScheduledSparkApplication, SparkApplicationManifest } from '../../manifest/index.ts';
import { evaluate } from '../../manifest/pipeline/expression.ts';
import { renderApplication } from '../../manifest/pipeline/template.ts';
import { ScheduleAnnotation } from '../../manifest/schedule-annotations.ts';
import { Annotation, Label } from '../../spark/metadata.ts';
import type { ScheduleFacts } from '../pipeline/schedule-facts.ts';

const ofSchedules: readonly string[] = Object.values(ScheduleAnnotation);

/**
 * The application of a schedule's template, named after the time it is due, with the expressions of that time
 * evaluated.
 *
 * @throws Error for an invalid expression
 */
export function renderRun(
  { metadata, spec }: ScheduledSparkApplication,
  schedule: ScheduleFacts,
): SparkApplicationManifest {
  const { name, namespace, labels, annotations } = metadata;
  return {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: {
      name: `${name}-${Date.parse(schedule.time) / 1000}`,
      namespace,
      labels: { ...labels, [Label.ScheduledAppName]: name },
      annotations: Object.fromEntries(Object.entries(annotations ?? {}).filter(([key]) => !ofSchedules.includes(key))),
    },
    spec: renderApplication(spec.template, (expression) => evaluate(expression, { schedule })),
  };
}

/** The same for a schedule without a resource: housekeeping keeps that number of drivers of previous runs. */
export function renderScheduledApplication(
  schedule: ScheduledSparkApplication,
  facts: ScheduleFacts,
): SparkApplicationManifest {
  const { spec, ...rendered } = renderRun(schedule, facts);
  const { successfulRunHistoryLimit = 1, failedRunHistoryLimit = 1 } = schedule.spec;
  const limits = {
    [Annotation.SuccessfulRunHistoryLimit]: String(successfulRunHistoryLimit),
    [Annotation.FailedRunHistoryLimit]: String(failedRunHistoryLimit),
  };
  return {
    ...rendered,
    spec: { ...spec, driver: { ...spec.driver, annotations: { ...spec.driver?.annotations, ...limits } } },
  };
}
