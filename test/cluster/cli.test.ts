import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { root } from '../support/build.ts';
import { cli, type CliResult } from '../support/cli.ts';
import { connectEnvironment, type Environment, startWorker, type RunningWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';

let env: Environment;
let worker: RunningWorker;
let directory: string;

beforeAll(async () => {
  const lab = sharedLab();
  const namespace = await createNamespace({ prefix: 'cli' });
  env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress: lab.temporal.address, namespace });
  worker = await startWorker(env);
  directory = mkdtempSync(join(tmpdir(), 'temporal-spark-cli-'));
});

afterAll(async () => {
  await worker?.stop();
  rmSync(directory, { recursive: true, force: true });
  await env?.close();
});

function manifest(name: string, options: Parameters<typeof sparkPi>[0] = {}, serviceAccount = 'spark'): string {
  const file = join(directory, `${name}.yaml`);
  const application = sparkPi({ name, namespace: env.namespace, ...options });
  application.spec.driver.serviceAccount = serviceAccount;
  writeFileSync(file, stringify(application));
  return file;
}

function environment(): Record<string, string> {
  return { TEMPORAL_ADDRESS: env.temporalAddress, TEMPORAL_SPARK_TASK_QUEUE: env.taskQueue };
}

function temporalSpark(...args: string[]): Promise<CliResult> {
  return cli(args, { env: environment() });
}

describe('run --follow', () => {
  it('shows the states and ends with 0 when the application completed', async () => {
    const file = manifest('completes', { annotations: { 'lab.temporal-spark/run-seconds': '3' } });
    const { code, stdout } = await temporalSpark('run', file, '--follow');
    expect(stdout).toContain(`spark/${env.namespace}/completes`);
    expect(stdout).toMatch(/RUNNING[\s\S]*COMPLETED {2}exit code 0/);
    expect(code).toBe(0);
  });

  it('ends with 1, the exit code and the reason when it failed', async () => {
    const file = manifest('fails', { annotations: { 'lab.temporal-spark/exit-code': '3' } });
    const { code, stdout } = await temporalSpark('run', file, '--follow');
    expect(stdout).toContain('FAILED  exit code 3, Error');
    expect(code).toBe(1);
  });

  it.each([
    [
      'namespace',
      () => manifest('no-namespace', { namespace: 'no-such-namespace' }),
      'no-such-namespace',
      'metadata.namespace',
    ],
    ['service account', () => manifest('no-account', {}, 'nobody'), 'nobody', 'spec.driver.serviceAccount'],
  ])('names the missing %s and what to do', async (_, file, named, remedy) => {
    const { code, stdout } = await temporalSpark('run', file(), '--follow');
    expect(code).toBe(1);
    expect(stdout).toContain(named);
    expect(stdout).toContain(remedy);
  });

  it('prints the result as JSON for a script', async () => {
    const { code, stdout } = await temporalSpark('run', manifest('json'), '-f', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'COMPLETED', name: 'json' });
  });

  it('only stops following at Ctrl-C: the application continues, and can be described and killed', async () => {
    const id = `spark/${env.namespace}/goes-on`;
    const following = spawn(
      process.execPath,
      [join(root, 'src/cli/main.ts'), 'run', manifest('goes-on', { annotations: RUN_FOREVER }), '--follow'],
      { env: { PATH: process.env['PATH'], ...environment() }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let shown = '';
    following.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    await eventually('the application to run', () => shown.includes('RUNNING'));
    following.kill('SIGINT');
    expect(await once(following, 'exit')).toEqual([130, null]);
    expect(shown).toContain(`temporal-spark kill ${id}`);

    const again = await temporalSpark('run', manifest('goes-on', { annotations: RUN_FOREVER }));
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toContain('is already running');

    expect((await temporalSpark('describe', `${env.namespace}/goes-on`)).stdout).toMatch(/State +RUNNING/);
    const described = await temporalSpark('describe', id, '-o', 'json');
    expect(JSON.parse(described.stdout)).toMatchObject({ workflowStatus: 'RUNNING', status: { state: 'RUNNING' } });

    expect((await temporalSpark('kill', `${env.namespace}/goes-on`)).code).toBe(0);
    await eventually('the end', async () => (await env.spark.describe(id)).workflowStatus === 'CANCELLED');
  });
});

describe('requests', () => {
  it('suspend, resume, restart and update a running application, and report what was accepted', async () => {
    const application = `${env.namespace}/asked`;
    const isIn = (state: string) =>
      eventually(
        `it to be ${state}`,
        async () => (await env.spark.describe(`spark/${application}`)).status?.state === state,
      );
    expect((await temporalSpark('run', manifest('asked', { annotations: RUN_FOREVER }))).code).toBe(0);
    await isIn('RUNNING');
    const suspended = await temporalSpark('suspend', application);
    expect(suspended).toMatchObject({ code: 0, stderr: '' });
    expect(suspended.stdout).toContain(`temporal-spark resume spark/${application}`);
    await isIn('SUSPENDED');
    const refused = await temporalSpark('restart', application);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('while it is SUSPENDED; allowed: resume, kill');
    expect((await temporalSpark('resume', application)).code).toBe(0);
    await isIn('RUNNING');
    const described = await eventually('the driver to be seen', async () => {
      const { stdout } = await temporalSpark('describe', application);
      return /Node +\S+/.test(stdout) && stdout;
    });
    expect(described).toMatch(/Attempt 1 +suspended on request, after /);

    const file = manifest('asked', { annotations: RUN_FOREVER });
    expect((await temporalSpark('update', file)).stdout).toContain('unchanged');
    const changed = manifest('asked', { annotations: RUN_FOREVER, args: ['7'] });
    expect((await temporalSpark('update', changed)).stdout).toContain('the driver is being replaced');
    await isIn('RUNNING');
    const killed = await temporalSpark('kill', application, '--reason', 'no longer needed', '--grace-period', '1');
    expect(killed.code).toBe(0);
    await eventually(
      'the end',
      async () => (await env.spark.describe(`spark/${application}`)).workflowStatus === 'FAILED',
    );
  });
});
