// ../pipelines/train-then-score.yaml in TypeScript: a reference to a stage, an output or a parameter that does not exist, or
// has another type, does not compile. When run, it starts the pipeline and waits for its outputs.
import { Client, Connection } from '@temporalio/client';
import { cel, definePipeline, SparkClient } from 'temporal-spark';

export const churn = definePipeline(
  {
    name: 'churn',
    parameters: { threshold: { type: 'double', default: 0.9 } },
    templates: {
      ml: {
        spec: {
          type: 'Python',
          sparkVersion: '4.1.4',
          image: 'registry.example.org/churn:1',
          mainApplicationFile: 'local:///opt/churn/main.py',
          driver: { serviceAccount: 'spark', memory: '4g' },
          executor: { instances: 4, memory: '8g' },
        },
      },
    },
  },
  ({ params, stage }) => {
    const train = stage('train', {
      template: 'ml',
      overrides: { arguments: ['train'] },
      outputs: { accuracy: 'double', model: 'string' },
    });
    const { accuracy, model } = train.outputs;
    stage('score', {
      dependsOn: [train],
      when: cel`${accuracy} >= ${params.threshold}`,
      template: 'ml',
      overrides: { arguments: ['score', '--model', model] },
    });
    stage('report-poor-model', {
      dependsOn: [train],
      when: cel`${accuracy} < ${params.threshold}`,
      template: 'ml',
      overrides: {
        arguments: ['report', `accuracy ${accuracy} is below ${params.threshold}`],
        executor: { instances: 1 },
      },
    });
    return { model: { type: 'string', value: model } };
  },
);

if (import.meta.main) {
  const taskQueue = process.env['TEMPORAL_SPARK_TASK_QUEUE'] ?? 'temporal-spark';
  const connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? 'localhost:7233' });
  const { pipelines } = new SparkClient(new Client({ connection }), { taskQueue });
  const run = await pipelines.start(churn, { parameters: { threshold: 0.8 } });
  console.log(`Running ${run.workflowId}`);
  const { outputs } = await run.result();
  console.log(`The model is ${outputs.model}`);
  await connection.close();
}
