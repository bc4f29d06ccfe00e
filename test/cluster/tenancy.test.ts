import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from '../../lab/eventually.ts';
import { PatchType, Resources } from '../../src/kubernetes/index.ts';
import { watchTenancy } from '../../src/worker.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { pipelineFailureOf, pipelineOf } from '../support/pipelines.ts';
import { scheduledApplication } from '../support/schedules.ts';

const cluster = useCluster('tenancy');
const { pi, runningDriver, driverOf } = cluster;
const directory = mkdtempSync(join(tmpdir(), 'temporal-spark-tenancy-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const LABEL = 'spark.example.com/tenant';
const ofTeam = (team: string) => ({ name: 'team', namespaceLabels: { [LABEL]: team }, serviceAccounts: ['spark'] });

/** A worker under these rules, which `change` replaces in its file. */
async function underRules(rules: object[], body: (change: (rules: object[]) => Promise<void>) => Promise<void>) {
  const file = join(directory, `tenancy-${rules.length}.yaml`);
  let reloads = 0;
  const write = (each: object[]) => writeFileSync(file, stringify({ rules: each }));
  write(rules);
  const watched = watchTenancy(file, { intervalMs: 20, onReload: () => (reloads += 1) });
  onTestFinished(() => watched.close());
  const change = async (next: object[]) => {
    const before = reloads;
    write(next);
    await eventually('the rules to be reloaded', () => reloads > before);
  };
  await withWorker(cluster.env, () => body(change), { tenancy: watched.tenancy });
}

const label = (team: string | null) =>
  cluster.env.kubernetes.patch(Resources.namespaces, undefined, cluster.env.namespace, PatchType.Merge, {
    metadata: { labels: { [LABEL]: team } },
  });

describe('tenancy by the labels of a namespace', () => {
  it('is enforced on applications, stages of pipelines and runs of schedules, which create nothing', async () => {
    await label('ads');
    await underRules([ofTeam('payments')], async () => {
      const application = await cluster.env.spark.start(pi('refused'));
      expect((await failureOf(application.result())).result).toMatchObject({
        ...{ state: 'FAILED', reason: 'TenancyRefused', attempts: 1 },
        message: expect.stringContaining(`allow namespaces with ${LABEL}=payments`) as string,
      });

      const name = `refused-${cluster.env.namespace}`;
      const stage = { name: 'only', application: { spec: sparkPi().spec } };
      const pipeline = await cluster.env.spark.pipelines.start(pipelineOf(name, [stage], {}, cluster.env.namespace));
      const failure = await pipelineFailureOf(pipeline.result());
      expect(JSON.stringify(failure.result)).toContain('may not use the Kubernetes namespace');

      const { schedules } = cluster.env.spark;
      const id = `spark/${cluster.env.namespace}/refused-daily`;
      onTestFinished(() => cluster.env.client.schedule.getHandle(id).delete());
      await schedules.apply(scheduledApplication('refused-daily', cluster.env.namespace, {}));
      await schedules.trigger(id);
      await eventually('its run to fail', async () => {
        const query = `WorkflowId STARTS_WITH "${id}-" AND ExecutionStatus = "Failed"`;
        return (await cluster.env.client.workflow.count(query)).count === 1;
      });
    });
    expect(cluster.drivers.seen.size).toBe(0);
  });

  it('admits applications once the namespace has the labels', async () => {
    await label('payments');
    await underRules([ofTeam('payments')], async () => {
      expect(await (await cluster.env.spark.start(pi('admitted'))).result()).toMatchObject({ state: 'COMPLETED' });
    });
  });
});

it('a change of the rules leaves a driver alone, and refuses the next attempt of its application', async () => {
  await label('payments');
  await underRules([ofTeam('payments')], async (change) => {
    const application = await cluster.env.spark.start(pi('running', RUN_FOREVER));
    const driver = await runningDriver('running');
    await change([ofTeam('others')]);
    await failureOf((await cluster.env.spark.start(pi('later'))).result());
    expect((await driverOf('running'))!.metadata).toMatchObject({ uid: driver.metadata!.uid });
    expect(
      (await cluster.env.spark.describe({ namespace: cluster.env.namespace, name: 'running' })).status,
    ).toMatchObject({ state: 'RUNNING' });
    await application.restart();
    expect((await failureOf(application.result())).result).toMatchObject({
      ...{ state: 'FAILED', reason: 'TenancyRefused' },
    });
  });
});
