/**
 * Records histories of the workflows as they are now: `node test/replay/record.ts VERSION`. A history that is in the
 * repository is never replaced: it stands for runs that are under way somewhere.
 */
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { startLab } from '../../lab/lab.ts';
import type { SparkApplicationManifest, SparkPipelineHandle, StartPipelineOptions } from '../../src/index.ts';
import type { PipelineStage, SparkPipelineSpec } from '../../src/manifest/index.ts';
import { connectEnvironment, failureOf, withWorker } from '../support/environment.ts';
import { root } from '../support/build.ts';
import { eventually } from '../support/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { pipelineFailureOf, pipelineOf } from '../support/pipelines.ts';

const version = process.argv[2];
if (version === undefined) throw new Error('Which version of the package? For example 0.1.0');

const lab = await startLab({ mode: 'simulated' });
const env = await connectEnvironment({
  kubeconfig: lab.kubeconfig,
  temporalAddress: lab.temporal!.address,
  namespace: 'default',
});
await env.kubernetes.create(
  { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'spark', namespace: 'default' } },
);

async function save(name: string, workflowId = `spark/default/${name}`): Promise<void> {
  const history = await env.client.workflow.getHandle(workflowId).fetchHistory();
  const file = join(import.meta.dirname, 'histories', `${name}_${version}.json`);
  // A worker's identity names its machine, a stack trace its checkout.
  const text = historyToJSON(history).replaceAll(`@${hostname()}`, '@worker').replaceAll(`${root}/`, '/app/');
  try {
    await writeFile(file, `${JSON.stringify(JSON.parse(text), undefined, 1)}\n`, { flag: 'wx' });
    console.log(`recorded ${file}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    console.log(`kept ${file}`);
  }
}

const exits: Record<string, string> = { 'lab.temporal-spark/exit-code': '3' };
const restarted: SparkApplicationManifest = sparkPi({ name: 'restarted', annotations: exits });
restarted.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 };

async function state(name: string, wanted: string): Promise<void> {
  await eventually(
    `${name} to be ${wanted}`,
    async () => (await env.spark.describe({ name })).status?.state === wanted,
  );
}

await withWorker(env, async () => {
  await (await env.spark.start(sparkPi({ name: 'completed' }))).result();
  await failureOf((await env.spark.start(sparkPi({ name: 'failed', annotations: exits }))).result());
  await failureOf((await env.spark.start(restarted)).result());
  const cancelled = await env.spark.start(sparkPi({ name: 'cancelled', annotations: RUN_FOREVER }));
  await state('cancelled', 'RUNNING');
  await cancelled.kill();
  await failureOf(cancelled.result());

  const suspended = await env.spark.start(sparkPi({ name: 'suspended', annotations: RUN_FOREVER }));
  await state('suspended', 'RUNNING');
  await suspended.suspend();
  await state('suspended', 'SUSPENDED');
  await suspended.resume();
  await state('suspended', 'RUNNING');
  await suspended.kill({ reason: 'recorded' });
  await failureOf(suspended.result());

  const updated = await env.spark.start(sparkPi({ name: 'updated', annotations: RUN_FOREVER }));
  await state('updated', 'RUNNING');
  await updated.updateManifest(sparkPi({ name: 'updated', args: ['3'] }));
  await updated.result();

  const unschedulable = sparkPi({ name: 'unschedulable' });
  unschedulable.spec.driver.nodeSelector = { 'no-node-has': 'this' };
  unschedulable.metadata.annotations = { 'temporal-spark/pending-deadline': '8s' };
  await failureOf((await env.spark.start(unschedulable)).result());
});
const ways = ['completed', 'failed', 'restarted', 'cancelled', 'suspended', 'updated', 'unschedulable'];
for (const name of ways) await save(name);

/** A run of a pipeline: Spark applications and what else takes no worker of a user's. */
function startPipeline(
  name: string,
  stages: readonly PipelineStage[],
  spec: Partial<SparkPipelineSpec> = {},
  options: StartPipelineOptions = {},
): Promise<SparkPipelineHandle> {
  return env.spark.pipelines.start(pipelineOf(name, stages, spec), { run: 'recorded', ...options });
}
const application = (name: string, annotations = {}, fields: Partial<PipelineStage> = {}): PipelineStage => ({
  name,
  application: { spec: sparkPi({ annotations }).spec },
  ...fields,
});
const running = (pipeline: SparkPipelineHandle, stage: string) =>
  eventually(`${stage} to run`, async () => {
    const { status } = await env.spark.describe(`${pipeline.workflowId}/${stage}`);
    return status?.state === 'RUNNING';
  });

await withWorker(env, async () => {
  const message = { 'lab.temporal-spark/termination-message': '{"rows": 3}' };
  const outputs = { outputs: { rows: 'int' } } as const;
  const nested: PipelineStage = {
    name: 'nested',
    dependsOn: ['each'],
    pipeline: { stages: [{ name: 'ask', activity: { type: 'closedWorkflows', args: [[]] } }] },
  };
  const semaphore = { name: 'recorded', limit: 1 };
  await (
    await startPipeline('pipeline-completed', [
      application('first', message, outputs),
      application('each', {}, { dependsOn: ['first'], forEach: { items: ['a', 'b'] }, semaphore, timeoutSeconds: 600 }),
      nested,
      application('never', {}, { dependsOn: ['first'], when: 'stages.first.outputs.rows > 5' }),
      application('tidy', {}, { always: true }),
    ])
  ).result();
  const retry = { maxAttempts: 2, intervalSeconds: 1 };
  const failing = [application('bad', exits, { retry }), application('long', RUN_FOREVER)];
  const failed = await startPipeline('pipeline-failed', failing, { failurePolicy: 'FailFast' });
  await pipelineFailureOf(failed.result());
  const stopped = await startPipeline('pipeline-cancelled', [
    application('long', RUN_FOREVER),
    application('tidy', {}, { always: true }),
  ]);
  await running(stopped, 'long');
  await stopped.pause('recorded');
  await stopped.resume();
  await stopped.cancel();
  await pipelineFailureOf(stopped.result());
  const chain = ['a', 'b', 'c', 'd'].map((name, index, names) =>
    application(name, {}, index === 0 ? {} : { dependsOn: [names[index - 1]!] }),
  );
  const continued = await startPipeline(
    'pipeline-continued',
    [application('long', RUN_FOREVER), ...chain],
    {},
    { maxHistoryEvents: 20 },
  );
  await eventually('the chain to end', async () => (await continued.status()).stages.at(-1)!.state === 'SUCCEEDED');
  await continued.cancelStage('long');
  await pipelineFailureOf(continued.result());
});
for (const name of ['completed', 'failed', 'cancelled', 'continued']) {
  await save(`pipeline-${name}`, `pipeline/pipeline-${name}/recorded`);
}
await env.close();
await lab.stop();
