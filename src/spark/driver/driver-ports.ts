import { portOf, type SparkConf } from '../spark-conf.ts';
import type { SparkVersionRules } from '../spark-version.ts';

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
