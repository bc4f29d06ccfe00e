import { withPrefix, type SparkConf } from '../spark-conf.ts';
import type { DriverContext } from './driver-spec.ts';
import { appNameLabel } from '../spark-names.ts';
import { refuseInvalid } from '../submission-refused.ts';

const LABEL_PREFIX = 'spark.kubernetes.driver.label.';

/** Spark rejects these for an executor only when the driver creates the first one. */
const executorsOwn = [
  'spark-version',
  'spark-app-selector',
  'spark-app-name',
  'spark-role',
  'spark-exec-id',
  'spark-exec-resourceprofile-id',
] as const;

/** The labels Spark gives its driver; the driver's service selects by all of them. */
export function driverLabels({ conf, submission, identity, rules }: DriverContext): Record<string, string> {
  const labels = withPrefix(conf, LABEL_PREFIX);
  const own = {
    'spark-version': submission.sparkVersion,
    'spark-app-selector': identity.sparkApplicationId,
    'spark-app-name': appNameLabel(submission.appName),
    'spark-role': 'driver',
  };
  for (const name of Object.keys(own)) refuseOwnLabel(conf, `${LABEL_PREFIX}${name}`);
  for (const name of executorsOwn) refuseOwnLabel(conf, `spark.kubernetes.executor.label.${name}`);
  // The attempt's win: with another value here, the driver's service would select nothing.
  for (const name of Object.keys(identity.labels)) delete labels[name];
  if (rules.appIdInLabels) {
    for (const [name, value] of Object.entries(labels))
      labels[name] = substituteIds(value, identity.sparkApplicationId);
  }
  return { ...labels, ...own };
}

function refuseOwnLabel(conf: SparkConf, key: string): void {
  if (conf[key] !== undefined) refuseInvalid(key, "this label is Spark's own", 'Choose another name.');
}

/** What Spark replaces in labels and annotations of a driver, which has no executor ID. */
export function substituteIds(text: string, sparkApplicationId: string): string {
  return text.replaceAll('{{APP_ID}}', sparkApplicationId).replaceAll('{{EXECUTOR_ID}}', '');
}
