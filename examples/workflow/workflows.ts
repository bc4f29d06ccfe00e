// Your own workflows, with those of temporal-spark on the same worker.
import { executeSparkApplication, type SparkApplicationManifest } from 'temporal-spark/workflow';

export * from 'temporal-spark/workflows';

/** Runs one application after the other: each starts when the one before has completed. */
export async function inSequence(manifests: SparkApplicationManifest[]): Promise<string[]> {
  const drivers: string[] = [];
  for (const manifest of manifests) {
    const { driverPodName } = await executeSparkApplication(manifest);
    drivers.push(driverPodName);
  }
  return drivers;
}
