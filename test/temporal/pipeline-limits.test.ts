import { expect, it } from 'vitest';
import type { PipelineStage } from '../../src/manifest/index.ts';
import { useTemporal } from '../support/temporal-fixture.ts';
import { pipelineFailureOf, pipelineOf, step } from '../support/pipelines.ts';

const temporal = useTemporal('limits', {
  worker: { activities: { text: async (length: number) => ({ text: 'x'.repeat(length) }) } },
});

/** A stage whose output is a text of that many characters. */
function text(name: string, length: number, fields: Partial<PipelineStage> = {}): PipelineStage {
  return { name, activity: { type: 'text', args: [length] }, outputs: { text: 'string' }, ...fields };
}

it('outputs that a pipeline could not hand on to the run that continues it fail their stage', async () => {
  const { env } = temporal;
  const after = (stage: string) => ({ dependsOn: [{ stage, condition: 'completed' as const }] });
  const large = Array.from({ length: 8 }, (_, index) =>
    text(`s${index}`, 300_000, index === 0 ? {} : after(`s${index - 1}`)),
  );
  const all = ['s0', 's1', 's2', 's3'].map((name) => `\${{ stages.${name}.outputs.text }}`);
  const manifest = pipelineOf(
    `large-${env.namespace}`,
    [
      ...large,
      step('greedy', { result: { all: [...all, ...all] } }, { dependsOn: ['s0', 's1', 's2', 's3'] }),
      text('each', 50_000, { ...after('s7'), forEach: { range: { from: 1, to: 20 } } }),
      step(
        'items',
        {},
        {
          dependsOn: ['s0', { stage: 'each', condition: 'completed' }],
          forEach: { items: '${{ [stages.s0.outputs.text] }}' },
        },
      ),
      step('last', {}, after('items')),
    ],
    { failurePolicy: 'Continue', outputs: { none: { type: 'string', value: '' } } },
    env.namespace,
  );
  const pipeline = await env.spark.pipelines.start(manifest, { maxHistoryEvents: 20 });
  const { result } = await pipelineFailureOf(pipeline.result());
  expect(result).toMatchObject({ state: 'FAILED' });
  const { stages } = await pipeline.status();
  const of = Object.fromEntries(stages.map((stage) => [stage.name, stage]));
  for (const name of ['s0', 's1', 's2', 's3', 's4', 'last']) expect(of[name]).toMatchObject({ state: 'SUCCEEDED' });
  for (const name of ['s6', 's7', 'each']) {
    expect(of[name]).toMatchObject({ state: 'FAILED', reason: 'OutputTooLarge' });
    expect(of[name]!.message).toMatch(/^The outputs take \d+,\d+ bytes; this run can keep \d+,\d+ bytes more/);
  }
  expect(of['each']!.items).toMatchObject({ total: 20, running: 0 });
  expect(of['greedy']).toMatchObject({ state: 'FAILED', reason: 'InputTooLarge' });
  expect(of['items']).toMatchObject({ state: 'FAILED', reason: 'ItemsTooLarge' });
  // It did hand them on.
  const { runId } = await env.client.workflow.getHandle(pipeline.workflowId).describe();
  expect(runId).not.toBe(pipeline.runId);
});

it('the reasons of items that fail are left out where a pipeline could not hand them on', async () => {
  const { env } = temporal;
  const outputs = Array.from({ length: 5 }, (_, index) => text(`s${index}`, 290_000));
  const dependsOn = outputs.map(({ name }) => name);
  // In all 450,000 bytes.
  const fails = step('fails', { fail: '€'.repeat(1000) }, { dependsOn, forEach: { range: { from: 1, to: 150 } } });
  const manifest = pipelineOf(
    `reasons-${env.namespace}`,
    [...outputs, fails],
    { failurePolicy: 'Continue', parameters: { text: { type: 'string' } } },
    env.namespace,
  );
  const parameters = { text: 'x'.repeat(290_000) };
  const pipeline = await env.spark.pipelines.start(manifest, { parameters, maxHistoryEvents: 200 });
  const { result } = await pipelineFailureOf(pipeline.result());
  expect(result).toMatchObject({ state: 'FAILED', counts: { SUCCEEDED: 5, FAILED: 1 } });
  expect(result!.unsuccessful).toMatchObject([{ name: 'fails', reason: 'StepFailed' }]);
  const { runId } = await env.client.workflow.getHandle(pipeline.workflowId).describe();
  expect(runId).not.toBe(pipeline.runId);
});

it('parameters that are too large are refused before anything starts', async () => {
  const manifest = pipelineOf('any', [step('a')], { parameters: { text: { type: 'string' } } });
  await expect(
    temporal.env.spark.pipelines.start(manifest, { parameters: { text: 'x'.repeat(300_000) } }),
  ).rejects.toThrow('The parameters are 300,011 bytes; the limit is 300,000 bytes.');
});
