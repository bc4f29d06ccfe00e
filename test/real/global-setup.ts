import type { TestProject } from 'vitest/node';
import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { progressPrinter } from '../../lab/progress.ts';
import { applySparkRbac } from '../../lab/spark-rbac.ts';
import { SPARK_VERSION } from './real-spark.ts';

let lab: Lab | undefined;

/** One real lab for all files of the suite that change nothing of it. */
export async function setup(project: TestProject): Promise<void> {
  lab = await startLab({ mode: 'real', sparkVersions: [SPARK_VERSION], onProgress: progressPrinter() });
  await applySparkRbac(lab.kubeconfig, 'default');
  const { kubeconfig, directory, temporal, sparkImages } = lab;
  const sparkImage = sparkImages[SPARK_VERSION];
  if (temporal === undefined || sparkImage === undefined)
    throw new Error('The lab lacks Temporal or an image of Spark.');
  project.provide('realLab', { kubeconfig, directory, temporalAddress: temporal.address, sparkImage });
}

export async function teardown(): Promise<void> {
  await lab?.stop();
}
