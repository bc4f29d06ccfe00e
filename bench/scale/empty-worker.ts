// A separate process, so that its CPU time is measured alone: a worker with one workflow of three empty activities, with
// Temporal's own defaults. It gets the address of Temporal and a task queue, and ends when its parent disconnects.
import { join } from 'node:path';
import { NativeConnection, Runtime, DefaultLogger, Worker } from '@temporalio/worker';

const [, , address, taskQueue] = process.argv;
Runtime.install({ logger: new DefaultLogger('ERROR') });
const connection = await NativeConnection.connect({ address: address! });
const worker = await Worker.create({
  connection,
  taskQueue: taskQueue!,
  workflowsPath: join(import.meta.dirname, 'empty-workflow.ts'),
  activities: { nothing: async () => undefined },
  // As our workers have it.
  maxConcurrentActivityTaskExecutions: 500,
});
const stop = (): void => {
  if (worker.getState() === 'RUNNING') worker.shutdown();
};
process.once('disconnect', stop);
const running = worker.run();
process.send!('ready');
await running;
await connection.close();
process.exit();
