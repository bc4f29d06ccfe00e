import { cel, definePipeline } from '../../../../src/manifest/index.ts';
import { template } from './pipelines.ts';

/** Defined in TypeScript: a parameter with a default and one without, an output. */
export const churn = definePipeline(
  {
    name: 'churn',
    namespace: 'ml',
    failurePolicy: 'Continue',
    parameters: { threshold: { type: 'double', default: 0.9 }, region: { type: 'string' } },
    templates: { ml: template },
  },
  ({ params, stage }) => {
    const train = stage('train', {
      template: 'ml',
      overrides: { arguments: ['train', `--region=${params.region}`] },
      outputs: { accuracy: 'double', model: 'string' },
    });
    stage('score', {
      dependsOn: [train],
      when: cel`${train.outputs.accuracy} >= ${params.threshold} && ${params.region} != ${'test'}`,
      template: 'ml',
      overrides: { arguments: ['score', train.outputs.model] },
      retry: { maxAttempts: 3 },
    });
    stage('alert', { dependsOn: [train.failed], workflow: { type: 'page', args: [train.message] } });
    return { model: { type: 'string', value: train.outputs.model } };
  },
);
