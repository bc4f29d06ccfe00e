/**
 * Records histories of the workflows as they are now: `node test/component/replay/record.ts VERSION`. A history that is in the
 * repository is never replaced: it stands for runs that are under way somewhere.
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { startLab } from '../../../lab/lab.ts';
import { Clusters, DEFAULT_TIMINGS } from '../../../src/worker.ts';
import { NativeSubmitter, type SparkApplicationSubmitter } from '../../../src/submitters/index.ts';
import { KubernetesError, KubernetesErrorType, PatchType, Resources } from '../../../src/kubernetes/index.ts';
import type { SparkApplicationManifest, SparkPipelineHandle, StartPipelineOptions } from '../../../src/index.ts';
import type { PipelineStage, SparkPipelineSpec } from '../../../src/manifest/index.ts';
import { withDriverRest } from '../../support/driver-rest.ts';
import { connectEnvironment, failureOf, withWorker } from '../../support/environment.ts';
import { root } from '../../support/build.ts';
import { eventually } from '../../../lab/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../../support/manifests.ts';
import { pipelineFailureOf, pipelineOf, step } from '../../support/pipelines.ts';

const version = process.argv[2];
if (version === undefined) throw new Error('Which version of the package? For example 0.1.0');

const lab = await startLab({ mode: 'simulated' });
const env = await connectEnvironment({
  kubeconfig: lab.kubeconfig,
  temporalAddress: lab.temporal!.address,
  namespace: 'default',
  timings: DEFAULT_TIMINGS,
});
const serviceAccounts = { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true };
const sparkAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'spark', namespace: 'default' } };
await env.kubernetes.create(serviceAccounts, sparkAccount);

async function save(name: string, workflowId = `spark/default/${name}`, { client } = env): Promise<void> {
  await write(`${name}_${version}`, await client.workflow.getHandle(workflowId).fetchHistory());
}

/** Every run of a workflow that continued as new, the first one first. */
async function saveChain(name: string, workflowId: string, firstRunId: string, { client } = env): Promise<void> {
  let runId: string | null | undefined = firstRunId;
  for (let run = 1; runId; run += 1) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    await write(`${name}_${version}_${run}`, history);
    runId = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
}

async function write(name: string, history: Parameters<typeof historyToJSON>[0]): Promise<void> {
  const file = join(import.meta.dirname, 'histories', `${name}.json`);
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

  const killed = await env.spark.start(sparkPi({ name: 'killed', annotations: RUN_FOREVER }));
  await state('killed', 'RUNNING');
  await killed.kill({ reason: 'recorded', gracePeriodSeconds: 0 });
  await failureOf(killed.result());

  const refused = sparkPi({ name: 'submission-failed' });
  refused.spec.driver.serviceAccount = 'nobody';
  await failureOf((await env.spark.start(refused)).result());

  const vanished = await env.spark.start(sparkPi({ name: 'vanished', annotations: RUN_FOREVER }));
  await state('vanished', 'RUNNING');
  const withoutFinalizers = { metadata: { finalizers: null } };
  await env.kubernetes.patch(Resources.pods, 'default', 'vanished-driver', PatchType.Merge, withoutFinalizers);
  await env.kubernetes.delete(Resources.pods, 'default', 'vanished-driver', { gracePeriodSeconds: 0 });
  await failureOf(vanished.result());
});
const ways = ['completed', 'failed', 'restarted', 'cancelled', 'suspended', 'updated', 'unschedulable'];
for (const name of [...ways, 'killed', 'submission-failed', 'vanished']) await save(name);

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
  const closed = { type: 'closedWorkflows', args: [[]] };
  await (
    await startPipeline('pipeline-item-digits', [{ name: 'each', activity: closed, forEach: { range: { to: 10 } } }])
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
  await saveChain('pipeline-continued', continued.workflowId, continued.runId!);
});
/** A stage that waits for its semaphore, and asks it three times. */
async function recordSemaphore(): Promise<void> {
  const { client, taskQueue } = env;
  const timings = { ...DEFAULT_TIMINGS, semaphoreRepeatMs: 500 };
  await withWorker(
    env,
    async () => {
      const semaphore = { name: 'busy', limit: 1 };
      const other = { workflowId: 'other', taskQueue, args: [{ hold: true }] };
      const holder = await client.workflow.start('step', other);
      const place = { holder: 'other', ticket: 0 };
      const busy = await client.workflow.signalWithStart('sparkSemaphore', {
        ...{ workflowId: 'semaphore/busy', taskQueue, args: [semaphore.name] },
        ...{ signal: 'acquire', signalArgs: [{ ...place, limit: 1, requester: 'other' }] },
      });
      const use = step('use', {}, { semaphore });
      const pipeline = await startPipeline('pipeline-semaphore', [use]);
      await eventually('three requests', async () => {
        const { events } = await client.workflow.getHandle(pipeline.workflowId).fetchHistory();
        const asked = events?.filter(
          ({ activityTaskScheduledEventAttributes: of }) => of?.activityType?.name === 'requestSemaphore',
        );
        return asked?.length === 3;
      });
      await busy.signal('release', place);
      await pipeline.result();
      await holder.signal('go');
      await holder.result();
    },
    { timings },
  );
}
await withWorker(env, async () => {
  // A stage that lasts: it waits for another workflow.
  const { client } = env;
  const suspended = sparkPi({ name: 'lasting' });
  suspended.spec.suspend = true;
  const lasting = await env.spark.start(suspended);
  const args = [{ workflowId: lasting.workflowId, runId: lasting.runId }];
  const long = { name: 'long', activity: { type: 'waitForWorkflow', args, heartbeatTimeoutSeconds: 10 } };
  const pipeline = await startPipeline('pipeline-reset', [long]);
  const child = client.workflow.getHandle(`${pipeline.workflowId}/long`);
  await eventually('long to run', async () => (await child.describe()).status.name === 'RUNNING');
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: pipeline.workflowId, runId: pipeline.runId! },
    reason: 'recorded',
    workflowTaskFinishEventId: 4 as never,
    requestId: randomUUID(),
  });
  const since = env.spark.pipelines.get(pipeline.workflowId);
  await eventually('long to be adopted', async () => {
    const { raw } = await client.workflow.getHandle(pipeline.workflowId).describe();
    return raw.pendingActivities?.some(({ activityType }) => activityType?.name === 'waitForWorkflow');
  });
  await since.cancelStage('long');
  await pipelineFailureOf(since.result());
  await lasting.kill();
});
await recordSemaphore();
for (const name of ['completed', 'failed', 'cancelled', 'item-digits', 'reset', 'semaphore']) {
  await save(`pipeline-${name}`, `pipeline/default/pipeline-${name}/recorded`);
}
await withWorker(env, async () => {
  const { client, taskQueue } = env;
  await client.workflow.execute('sparkHousekeeping', { workflowId: 'housekeeping', taskQueue, args: [{ graceMs: 0 }] });
});
await save('housekeeping', 'housekeeping');

await withWorker({ ...env, kubernetes: withDriverRest(env.kubernetes) }, async () => {
  // The lab registers the search attributes; histories of before they were set have none.
  const searchable = await env.spark.start(sparkPi({ name: 'searchable', annotations: RUN_FOREVER }));
  await eventually('the workflow to receive the progress', async () => (await searchable.describe()).status?.progress);
  await searchable.kill({ reason: 'recorded' });
  await failureOf(searchable.result());
  await (await startPipeline('pipeline-searchable', [application('first')])).result();
});
await save('searchable');
await save('pipeline-searchable', 'pipeline/default/pipeline-searchable/recorded');

const placement = {
  pools: { recorded: { admission: { maxApplications: 1 } } },
  profiles: { default: { driver: 'recorded', executor: 'recorded' } },
};
await withWorker(
  env,
  async () => {
    const holder = await env.spark.start(sparkPi({ name: 'holder', annotations: RUN_FOREVER }));
    await state('holder', 'RUNNING');
    const queued = await env.spark.start(sparkPi({ name: 'queued' }));
    await state('queued', 'QUEUED');
    await holder.kill();
    await queued.result();
    await eventually('the queue to end', async () => (await env.spark.queues.describe('recorded')) === undefined);
  },
  { placement },
);
await save('queued');
await save('admission', 'admission/recorded');

const clusters = new Clusters(
  { clusters: [{ name: 'here' }, { name: 'there', weight: 0 }] },
  { here: env.kubernetes, there: env.kubernetes },
);
await withWorker(env, async () => (await env.spark.start(sparkPi({ name: 'clusters' }))).result(), { clusters });
await save('clusters');
await withWorker(
  env,
  async () => {
    const holder = await env.spark.start(sparkPi({ name: 'holder-here', annotations: RUN_FOREVER }));
    await state('holder-here', 'RUNNING');
    const planned = await env.spark.start(sparkPi({ name: 'planned' }));
    await state('planned', 'QUEUED');
    await holder.kill();
    await planned.result();
  },
  { clusters, placement },
);
await save('planned');

// Refused for good when its driver exists, which is removed before the next attempt.
const native = new NativeSubmitter();
const refusing: SparkApplicationSubmitter = {
  name: 'refusing',
  async submit(request, context) {
    const created = await native.submit(request, context);
    if (request.identity.annotations['temporal-spark/attempt'] !== '1') return created;
    throw Object.assign(new Error('refused'), { type: 'Refused', retryable: false });
  },
};
const halfMade = sparkPi({ name: 'half-made' });
halfMade.spec.restartPolicy = {
  ...{ type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 },
  ...{ onSubmissionFailureRetries: 1, onSubmissionFailureRetryInterval: 1 },
};
await withWorker(env, async () => (await env.spark.start(halfMade)).result(), { submitter: refusing });
await save('half-made');

// The answer to its creation is lost: another driver could be created for a minute, also after it has ended.
let isAnswered = false;
const unanswered: SparkApplicationSubmitter = {
  name: 'unanswered',
  async submit(request, context) {
    const created = await native.submit(request, context);
    if (isAnswered) return created;
    isAnswered = true;
    throw new KubernetesError({ type: KubernetesErrorType.ConnectionLost, message: 'the answer was lost' });
  },
};
await withWorker(env, async () => (await env.spark.start(sparkPi({ name: 'held' }))).result(), {
  submitter: unanswered,
});
await save('held');
await env.close();
await lab.stop();

// The server proposes to continue as new at 4,096 events; here after about two attempts.
const hasty = await startLab({
  mode: 'simulated',
  temporalDynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 50 },
});
const there = await connectEnvironment({
  kubeconfig: hasty.kubeconfig,
  temporalAddress: hasty.temporal!.address,
  namespace: 'default',
  timings: DEFAULT_TIMINGS,
});
await there.kubernetes.create(serviceAccounts, sparkAccount);
await withWorker(there, async () => {
  const endless = sparkPi({ name: 'continued' });
  endless.spec.restartPolicy = { type: 'Always' };
  const continued = await there.spark.start(endless);
  await eventually('the third run', async () => {
    const { status, runId } = await there.spark.describe({ name: 'continued' });
    return runId !== continued.runId && (status?.attempts ?? 0) >= 5;
  });
  await there.spark.kill({ name: 'continued' }, { reason: 'recorded' });
  await failureOf(continued.result());
  await saveChain('continued', continued.workflowId, continued.runId, there);
});
await there.close();
await hasty.stop();
