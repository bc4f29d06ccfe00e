import { withPrefix } from './conf.ts';
import type { DriverContext } from './driver-spec.ts';
import { appNameLabel } from './names.ts';
import { refuseInvalid } from './submission-refused.ts';

const LABEL_PREFIX = 'spark.kubernetes.driver.label.';

/** The labels Spark gives its driver; the driver's service selects by all of them. */
export function driverLabels({ conf, submission, identity, rules }: DriverContext): Record<string, string> {
  const labels = withPrefix(conf, LABEL_PREFIX);
  const own = {
    'spark-version': submission.sparkVersion,
    'spark-app-selector': identity.sparkApplicationId,
    'spark-app-name': appNameLabel(submission.appName),
    'spark-role': 'driver',
  };
  for (const name of Object.keys(own)) {
    if (name in labels) refuseInvalid(`${LABEL_PREFIX}${name}`, "this label is Spark's own", 'Choose another name.');
  }
  if (rules.appIdInLabels) {
    for (const [name, value] of Object.entries(labels))
      labels[name] = substituteIds(value, identity.sparkApplicationId);
  }
  return { ...labels, ...own };
}

/** What Spark replaces in labels and annotations of a driver, which has no executor ID. */
export function substituteIds(text: string, sparkApplicationId: string): string {
  return text.replaceAll('{{APP_ID}}', sparkApplicationId).replaceAll('{{EXECUTOR_ID}}', '');
}
