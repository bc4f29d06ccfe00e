import { executeSparkApplication, type SparkApplicationManifest } from 'temporal-spark/workflow';

export * from 'temporal-spark/workflow-functions';

export async function mine(manifest: SparkApplicationManifest): Promise<string> {
  return (await executeSparkApplication(manifest)).driverPodName;
}
