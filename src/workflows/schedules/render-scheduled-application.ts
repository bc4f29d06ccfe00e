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
export function renderScheduledApplication(
  { metadata, spec }: ScheduledSparkApplication,
  schedule: ScheduleFacts,
): SparkApplicationManifest {
  const { name, namespace, labels, annotations } = metadata;
  const template = renderApplication(spec.template, (expression) => evaluate(expression, { schedule }));
  const { successfulRunHistoryLimit = 1, failedRunHistoryLimit = 1 } = spec;
  // For housekeeping, which keeps that number of drivers of earlier runs.
  const limits = {
    [Annotation.SuccessfulRunHistoryLimit]: String(successfulRunHistoryLimit),
    [Annotation.FailedRunHistoryLimit]: String(failedRunHistoryLimit),
  };
  return {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: {
      name: `${name}-${Date.parse(schedule.time) / 1000}`,
      namespace,
      labels: { ...labels, [Label.ScheduledAppName]: name },
      annotations: Object.fromEntries(Object.entries(annotations ?? {}).filter(([key]) => !ofSchedules.includes(key))),
    },
    spec: { ...template, driver: { ...template.driver, annotations: { ...template.driver?.annotations, ...limits } } },
  };
}
