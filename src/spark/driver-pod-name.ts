import type { SparkApplicationManifest } from '../manifest/index.ts';

/** `spec.driver.podName`, else `spark.kubernetes.driver.pod.name` of `spec.sparkConf`, else `<name>-driver`. */
export function driverPodName(manifest: SparkApplicationManifest): string {
  return (
    manifest.spec?.driver?.podName ??
    manifest.spec?.sparkConf?.['spark.kubernetes.driver.pod.name'] ??
    `${manifest.metadata.name}-driver`
  );
}
