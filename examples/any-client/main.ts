// Every Temporal client, in any language, can do this: workflow type, task queue and the manifest as JSON. With Temporal's CLI:
//   temporal workflow start --type sparkApplication --task-queue temporal-spark \
//     --workflow-id spark/default/spark-pi --input "$(yq -o json examples/spark-pi.yaml)"
import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { parse } from 'yaml';

const manifest = parse(readFileSync(process.argv[2] ?? 'examples/spark-pi.yaml', 'utf8')) as {
  metadata: { namespace: string; name: string };
};
const connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? 'localhost:7233' });
const result: unknown = await new Client({ connection }).workflow.execute('sparkApplication', {
  workflowId: `spark/${manifest.metadata.namespace}/${manifest.metadata.name}`,
  taskQueue: process.env['TEMPORAL_SPARK_TASK_QUEUE'] ?? 'temporal-spark',
  args: [manifest],
});
console.log(JSON.stringify(result));
await connection.close();
