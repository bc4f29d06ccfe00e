// Your own worker with the plugin, and a run of your own workflow on it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { SparkPlugin, type SparkApplicationManifest } from 'temporal-spark';
import { parse } from 'yaml';
import type { inSequence } from './workflows.ts';

const manifest = parse(readFileSync(process.argv[2] ?? 'examples/spark-pi.yaml', 'utf8')) as SparkApplicationManifest;
const address = process.env['TEMPORAL_ADDRESS'] ?? 'localhost:7233';
const taskQueue = `${process.env['TEMPORAL_SPARK_TASK_QUEUE'] ?? 'temporal-spark'}-example`;

const nativeConnection = await NativeConnection.connect({ address });
const connection = await Connection.connect({ address });
const worker = await Worker.create({
  connection: nativeConnection,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
  plugins: [new SparkPlugin()],
});
const stages = ['extract', 'report'].map((stage) => ({
  ...manifest,
  metadata: { ...manifest.metadata, name: `${manifest.metadata.name}-${stage}` },
}));
const drivers = await worker.runUntil(
  new Client({ connection }).workflow.execute<typeof inSequence>('inSequence', {
    workflowId: `in-sequence/${manifest.metadata.namespace ?? 'default'}/${manifest.metadata.name}`,
    taskQueue,
    args: [stages],
  }),
);
console.log(`Completed one after the other: ${drivers.join(', ')}`);
await connection.close();
await nativeConnection.close();
