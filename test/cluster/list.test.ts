import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, describe, expect, it } from 'vitest';
import { SearchAttributesMissingError, SparkClient, type ListedExecution } from '../../src/index.ts';
import { SparkPlugin, sparkWorkerOptions } from '../../src/worker.ts';
import { SearchAttribute } from '../../src/protocol/index.ts';
import { cli } from '../support/cli.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { pipelineOf } from '../support/pipelines.ts';

const cluster = useCluster('list', { worker: {} });
const { pi, runningDriver } = cluster;

const temporalSpark = (...args: string[]) => cli(args, { env: { TEMPORAL_ADDRESS: cluster.env.temporalAddress } });
const namesOf = (executions: readonly ListedExecution[]) => executions.map(({ application }) => application).sort();

describe('the list, where search attributes are registered', () => {
  it('finds applications by namespace, state and start, each with its state', async () => {
    const { env } = cluster;
    const { spark, namespace } = env;
    const before = new Date();
    const done = await spark.start(pi('done'));
    const bad = await spark.start(pi('bad', { 'lab.temporal-spark/exit-code': '3' }));
    const killed = await spark.start(pi('killed', RUN_FOREVER));
    await done.result();
    await bad.result().catch(() => undefined);
    await runningDriver('killed');
    await killed.kill({ reason: 'by the test' });
    await killed.result().catch(() => undefined);
    const running = await spark.start(pi('running', RUN_FOREVER));
    // Any client may start an application, without attributes: then its workflow id and its status are used.
    const plain = `spark/${namespace}/plain`;
    await env.client.workflow.execute('sparkApplication', {
      workflowId: plain,
      taskQueue: env.taskQueue,
      args: [pi('plain')],
    });

    await eventually('the list to catch up', async () => {
      const { executions, searchAttributes, more } = await spark.list({ namespace, since: before });
      expect({ searchAttributes, more }).toEqual({ searchAttributes: true, more: false });
      const seen = executions.map(({ application, state }) => `${application}: ${state}`).sort();
      expect(seen).toEqual([
        'bad: FAILED',
        'done: COMPLETED',
        'killed: CANCELLED',
        'plain: COMPLETED',
        'running: RUNNING',
      ]);
      return true;
    });
    const inState = async (...wanted: ('RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'QUEUED')[]) =>
      namesOf((await spark.list({ namespace, states: wanted })).executions);
    expect(await inState('RUNNING')).toEqual(['running']);
    expect(await inState('COMPLETED')).toEqual(['done', 'plain']);
    // A workflow that was killed with a reason has failed as far as Temporal is concerned.
    expect(await inState('FAILED')).toEqual(['bad']);
    expect(await inState('CANCELLED', 'QUEUED')).toEqual(['killed']);
    expect((await spark.list({ namespace, since: new Date() })).executions).toEqual([]);
    expect(await spark.list({ namespace, limit: 2 })).toMatchObject({ more: true, executions: { length: 2 } });
    expect((await spark.list({ namespace: `it's "none"\\` })).executions).toEqual([]);

    const table = await temporalSpark('list', '-n', namespace, '--state', 'running', '--since', '1h');
    expect(table).toMatchObject({ code: 0, stderr: '' });
    const [heading, row, ...rest] = table.stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^STATE +NAMESPACE +NAME +AGE +TOOK$/);
    expect(row).toMatch(new RegExp(`^RUNNING +${namespace} +running +\\d+\\w+ +\\d+\\w+$`));
    expect(rest).toEqual([]);
    const failed = await temporalSpark('list', '-n', namespace, '--state', 'failed');
    expect(failed.stdout).toMatch(/ TOOK +CAUSE\nFAILED +\S+ +bad .*exit code 3, Error\n$/);
    const wide = await temporalSpark('list', '-n', namespace, '--state', 'failed', '-o', 'wide');
    expect(wide.stdout).toMatch(new RegExp(`FAILED .* 1 +3 +Error .* spark/${namespace}/bad `));
    const json = await temporalSpark('list', '-n', namespace, '--limit', '1', '-o', 'json');
    expect(JSON.parse(json.stdout)).toMatchObject([{ namespace, application: 'running' }]);
    expect(json.stderr).toContain('raise --limit (now 1)');
    await running.kill();
    await running.result().catch(() => undefined);
  });

  it('finds pipelines and their applications, also of runs that continued as new', async () => {
    const { env } = cluster;
    const { spark, namespace } = env;
    const stage = (name: string, dependsOn: string[] = []) => ({
      name,
      dependsOn,
      application: { spec: sparkPi().spec },
    });
    const names = ['a', 'b', 'c', 'd'];
    const stages = names.map((name, index) => stage(name, index === 0 ? [] : [names[index - 1]!]));
    const nested = { name: 'nested', dependsOn: ['d'], pipeline: { stages: [stage('inner')] } };
    const etl = pipelineOf(`etl-${namespace}`, [...stages, nested], {}, namespace);
    const pipeline = await spark.pipelines.start(etl, { run: 'one', maxHistoryEvents: 20 });
    await pipeline.result();
    await eventually('the list to catch up', async () => {
      const { executions } = await spark.list({ kind: 'pipelines', namespace, states: ['COMPLETED'] });
      return executions.length === 2;
    });
    const { executions } = await spark.list({ kind: 'pipelines', namespace });
    expect(executions).toMatchObject([
      { workflowId: `pipeline/${namespace}/etl-${namespace}/one`, state: 'COMPLETED', pipeline: `etl-${namespace}` },
      {
        workflowId: `pipeline/${namespace}/etl-${namespace}/one/nested`,
        state: 'COMPLETED',
        pipeline: `etl-${namespace}`,
      },
    ]);
    const applications = (await spark.list({ namespace })).executions.filter(({ pipeline: of }) => of !== undefined);
    expect(applications.map(({ pipeline: of, state }) => `${of}: ${state}`)).toEqual(
      Array<string>(5).fill(`etl-${namespace}: COMPLETED`),
    );
    const listed = await temporalSpark('list', 'pipelines', '-n', namespace, '--state', 'COMPLETED');
    expect(listed.stdout).toMatch(new RegExp(`COMPLETED +${namespace} +etl-${namespace}/one +\\d`));
    expect(listed.stdout).toMatch(/etl-\S+\/one\/nested /);
    const own = await temporalSpark('list', 'pipelines', '-n', namespace, '--no-stages');
    expect(own.stdout).not.toContain('nested');
    const { executions: rest } = await spark.list({ namespace, stages: false });
    expect(rest.filter(({ pipeline: of }) => of !== undefined)).toEqual([]);
  });

  it('knows the runs of a schedule', async () => {
    const { env } = cluster;
    const { spark, namespace } = env;
    const schedule = {
      apiVersion: 'sparkoperator.k8s.io/v1beta2',
      kind: 'ScheduledSparkApplication',
      metadata: { name: 'nightly', namespace },
      spec: { schedule: '0 3 * * *', template: sparkPi().spec },
    } as Parameters<typeof spark.schedules.apply>[0];
    const { scheduleId } = await spark.schedules.apply(schedule);
    expect(await spark.schedules.apply(schedule)).toMatchObject({ outcome: 'unchanged' });
    await spark.schedules.trigger(scheduleId);
    const run = await eventually('its run', async () => {
      const { executions } = await spark.list({ namespace, states: ['COMPLETED'] });
      return executions.find(({ application }) => application?.startsWith('nightly-'));
    });
    expect(run).toMatchObject({ namespace, state: 'COMPLETED' });
    await spark.schedules.delete(scheduleId);
  });
});

describe('the list, where search attributes are not registered', () => {
  const temporalNamespace = `plain-${randomUUID().slice(0, 8)}`;
  let connection: NativeConnection | undefined;
  afterAll(() => connection?.close());

  it('everything runs; the list uses workflow ids and reports that', async () => {
    const { env } = cluster;
    const { namespace } = env;
    await env.client.workflowService.registerNamespace({
      namespace: temporalNamespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    const client = new Client({ connection: env.client.connection, namespace: temporalNamespace });
    const spark = new SparkClient(client, { taskQueue: env.taskQueue });
    // A new namespace takes some seconds to be known everywhere.
    await eventually('the namespace', async () => (await spark.list()).executions.length === 0);
    connection = await NativeConnection.connect({ address: env.temporalAddress });
    const worker = await Worker.create({
      ...sparkWorkerOptions({
        taskQueue: env.taskQueue,
        temporalNamespace,
        maxConcurrentActivities: 10,
        shutdownGraceMs: 1_000,
      }),
      connection,
      plugins: [new SparkPlugin({ kubernetes: env.kubernetes, workflows: true })],
    });
    await worker.runUntil(async () => {
      await (await spark.start(pi('unsearchable'))).result();
      const running = await spark.start(pi('unsearchable-running', RUN_FOREVER));
      const etl = pipelineOf('etl', [{ name: 'a', application: { spec: sparkPi().spec } }], {}, namespace);
      await (await spark.pipelines.start(etl)).result();
      await runningDriver('unsearchable-running');

      const { executions } = await eventually('the list to catch up', async () => {
        const found = await spark.list({ namespace });
        return found.executions.length === 2 && found.executions.some(({ closeTime }) => closeTime) && found;
      });
      expect(executions).toMatchObject([
        { application: 'unsearchable-running', namespace, workflowStatus: 'RUNNING' },
        { application: 'unsearchable', namespace, state: 'COMPLETED' },
      ]);
      expect(executions[0]!.state).toBeUndefined();
      const running1 = await spark.list({ namespace, states: ['RUNNING'] });
      expect(running1).toMatchObject({ searchAttributes: false, executions: { length: 1 } });
      expect((await spark.list({ kind: 'pipelines' })).executions).toMatchObject([
        { pipeline: 'etl', namespace, state: 'COMPLETED' },
      ]);
      await expect(spark.list({ kind: 'pipelines', namespace })).rejects.toThrow(SearchAttributesMissingError);
      const printed = await temporalSpark('list', '--temporal-namespace', temporalNamespace);
      expect(printed).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('temporal-spark setup') as string,
        stdout: expect.stringMatching(/COMPLETED +\S+ +unsearchable /) as string,
      });
      await running.kill();
      await running.result().catch(() => undefined);
      const { typedSearchAttributes } = await client.workflow.getHandle(`spark/${namespace}/unsearchable`).describe();
      expect(typedSearchAttributes.get(SearchAttribute.State)).toBeUndefined();
    });
  });
});
