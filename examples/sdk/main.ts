// A service that starts an application and waits for its result.
import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { SparkApplicationFailedError, SparkClient, type SparkApplicationManifest } from 'temporal-spark/client';
import { parse } from 'yaml';

const manifest = parse(readFileSync(process.argv[2] ?? 'examples/spark-pi.yaml', 'utf8')) as SparkApplicationManifest;
const taskQueue = process.env['TEMPORAL_SPARK_TASK_QUEUE'] ?? 'temporal-spark';
const connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? 'localhost:7233' });
try {
  const application = await new SparkClient(new Client({ connection }), { taskQueue }).start(manifest);
  const { state, exitCode, driverPodName } = await application.result();
  console.log(`${application.workflowId}: ${state}, exit code ${exitCode}, driver ${driverPodName}`);
} catch (error) {
  if (!(error instanceof SparkApplicationFailedError)) throw error;
  console.error(`${error.workflowId}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await connection.close();
}
