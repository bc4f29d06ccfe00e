import type { SparkApplicationManifest } from '../../src/manifest/index.ts';

/** Spark gives up after 10 s without a connection to the API server, which several JVMs that start on two cores can exceed. */
const TIMEOUTS = {
  'spark.kubernetes.driver.connectionTimeout': '120000',
  'spark.kubernetes.driver.requestTimeout': '120000',
};

/** `manifest` with a driver that waits for the API server of a busy machine. */
export function patient<T extends { spec: Pick<SparkApplicationManifest['spec'], 'sparkConf'> }>(manifest: T): T {
  return { ...manifest, spec: { ...manifest.spec, sparkConf: { ...TIMEOUTS, ...manifest.spec.sparkConf } } };
}
