/**
 * What the pod and the Service of a driver name the same: labels and ports.
 *
 * @module
 */
import type { Pod } from '../../kubernetes/objects.ts';
import { portOf, withPrefix, type SparkConf } from '../spark-conf.ts';
import { appNameLabel } from '../spark-names.ts';
import type { SparkVersionRules } from '../spark-version.ts';
import { refuseInvalid } from '../submission-refused.ts';
import type { DriverContext } from './driver-spec.ts';

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

export interface DriverPort {
  readonly name: string;
  readonly port: number;
  readonly appProtocol?: string;
}

export interface DriverPorts {
  readonly driver: number;
  readonly blockManager: number;
  /** All ports of the driver, in Spark's order. */
  readonly all: readonly DriverPort[];
}

/** The ports a driver listens on; the pod and its service name the same. */
export function driverPorts(conf: SparkConf, rules: SparkVersionRules): DriverPorts {
  const driver = portOf(conf, 'spark.driver.port') ?? 7078;
  // Not `spark.blockManager.port`: Spark sets the driver's own key, to this value, regardless of that one.
  const blockManager = portOf(conf, 'spark.driver.blockManager.port') ?? 7079;
  const all: DriverPort[] = [
    { name: 'driver-rpc-port', port: driver },
    { name: 'blockmanager', port: blockManager },
    { name: 'spark-ui', port: portOf(conf, 'spark.ui.port') ?? 4040 },
  ];
  if (rules.connectPort !== false) {
    all.push({
      name: 'spark-connect',
      port: portOf(conf, 'spark.connect.grpc.binding.port') ?? 15002,
      ...rules.connectPort,
    });
  }
  return { driver, blockManager, all };
}

/** Where a driver's REST API is. */
export interface SparkRestAddress {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
  readonly applicationId: string;
}

/** Absent for a pod that is not made as Spark makes it. */
export function restAddressOf({ metadata = {}, spec }: Pod): SparkRestAddress | undefined {
  const { namespace, name, labels } = metadata;
  const applicationId = labels?.['spark-app-selector'];
  const ports = spec?.containers.flatMap((container) => container.ports ?? []);
  const port = ports?.find((each) => each.name === 'spark-ui')?.containerPort;
  if (namespace === undefined || name === undefined || applicationId === undefined || port === undefined) return;
  return { namespace, pod: name, port, applicationId };
}

/** @param path below the application, such as `jobs?status=running` */
export const restPath = ({ applicationId }: SparkRestAddress, path: string): string =>
  `/api/v1/applications/${encodeURIComponent(applicationId)}/${path}`;
