import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { SparkClient } from '../../src/index.ts';
import { ArchivedLog } from '../../src/logs/archived-log.ts';
import { DirectoryStore } from '../../src/logs/index.ts';
import { cli, type CliResult } from '../support/cli.ts';
import { failureOf } from '../support/environment.ts';
import { sparkPi } from '../support/manifests.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('logs', { worker: {} });

function logs(...args: string[]): Promise<CliResult> {
  return cli(['logs', ...args], { env: { TEMPORAL_ADDRESS: temporal.env.temporalAddress } });
}

/** An application whose only attempt failed, because this suite has no cluster. */
async function failedApplication(name: string): Promise<{ readonly workflowId: string; readonly run: string }> {
  const { spark, namespace } = temporal.env;
  const application = await spark.start(sparkPi({ name, namespace }));
  await failureOf(application.result());
  return { workflowId: application.workflowId, run: application.runId };
}

it('prints a log from the archive, and names its source on standard error', async () => {
  const { namespace } = temporal.env;
  const { workflowId, run } = await failedApplication('archived');
  const directory = mkdtempSync(join(tmpdir(), 'logs-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const store = new DirectoryStore(directory);
  const folder = `${namespace}/archived/${run}/attempt-1`;
  for (const container of ['driver', { executor: '1' }] as const) {
    const log = await ArchivedLog.open({ store, folder, container });
    const bytes = Buffer.from(container === 'driver' ? 'one\nERROR two\nthree' : 'INFO four\n');
    await log.add({ bytes, position: { at: '2026-11-30T12:00:00Z', lines: 3, bytes: 0 }, isLast: true, hasGap: false });
  }
  const archive = ['--archive', directory];
  const whole = await logs(workflowId, ...archive);
  expect(whole).toMatchObject({ code: 0, stdout: 'one\nERROR two\nthree' });
  expect(whole.stderr).toContain(`Log from ${store.url}/${folder}/driver.log.000001.gz… (kubelet: `);
  const filtered = await logs(workflowId, ...archive, '--tail', '2', '--grep', '^ERR', '--since', '1h');
  expect(filtered).toMatchObject({ code: 0, stdout: 'ERROR two\n' });
  expect(filtered.stderr).toContain('--since is ignored: the archive has no times.');
  expect((await logs(workflowId, ...archive, '--executor', '1')).stdout).toBe('INFO four\n');
  const all = await logs(workflowId, ...archive, '--all');
  expect(all.stdout.trimEnd().split('\n').sort()).toEqual([
    '[driver] ERROR two',
    '[driver] one',
    '[driver] three',
    '[executor 1] INFO four',
  ]);
});

it('reports why no source has a log', async () => {
  const { workflowId } = await failedApplication('without-log');
  const { code, stdout, stderr } = await logs(workflowId);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('There is no log of the driver of');
  expect(stderr).toMatch(
    /kubelet: .*\n {2}archive: no archive is configured.*\n {2}recorded: the workflow has recorded none/,
  );
});

it('reports what has not started, what does not exist, and that no worker answers', async () => {
  const { spark, client, namespace } = temporal.env;
  const manifest = sparkPi({ name: 'suspended', namespace });
  manifest.spec.suspend = true;
  const { workflowId } = await spark.start(manifest);
  await eventually('it to be SUSPENDED', async () => (await spark.describe(workflowId)).status?.state === 'SUSPENDED');
  expect(await logs(workflowId)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`${namespace}/suspended has no driver: it is SUSPENDED`) as string,
  });
  await client.workflow.getHandle(workflowId).terminate();

  const failed = await failedApplication('once');
  expect(await logs(failed.workflowId, '--attempt', '2')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has made 1 attempt; there is no attempt 2') as string,
  });
  expect((await logs(`${namespace}/nobody`)).code).toBe(2);
  expect(await logs(failed.workflowId, '--grep', '(')).toMatchObject({ code: 2, stdout: '' });

  const unattended = await new SparkClient(client, { taskQueue: 'nobody-polls-this' }).start(
    sparkPi({ name: 'unattended', namespace }),
  );
  expect(await logs(unattended.workflowId)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('Start a worker (temporal-spark worker)') as string,
  });
  await client.workflow.getHandle(unattended.workflowId).terminate();
});
