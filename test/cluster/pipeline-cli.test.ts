import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { cli, type CliResult } from '../support/cli.ts';
import { connectEnvironment, type Environment, startWorker, type RunningWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { writePipelineFiles } from '../support/pipeline-files.ts';
import { pipelineOf, step } from '../support/pipelines.ts';

let env: Environment;
let worker: RunningWorker;
let directory: string;

beforeAll(async () => {
  const lab = sharedLab();
  const namespace = await createNamespace({ prefix: 'pipeline-cli' });
  env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress: lab.temporal.address, namespace });
  worker = await startWorker(env);
  directory = await mkdtemp(join(tmpdir(), 'temporal-spark-pipeline-'));
  await writePipelineFiles(directory, env.namespace);
});

afterAll(async () => {
  await worker?.stop();
  await env?.close();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

const spark = (...args: string[]): Promise<CliResult> =>
  cli(args, { env: { TEMPORAL_ADDRESS: env.temporalAddress, TEMPORAL_SPARK_TASK_QUEUE: env.taskQueue } });

describe('a pipeline on the command line', () => {
  it('is run, followed, described and run again from where it failed', async () => {
    const file = join(directory, 'etl.yaml');
    const id = `pipeline/${env.namespace}/${env.namespace}/2026-11-20`;
    const run = await spark(
      'run',
      file,
      '--follow',
      '-p',
      'date=2026-11-20',
      '-p',
      'sizes=[1,2]',
      '--run',
      '2026-11-20',
    );
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(`Started ${id}`);
    expect(run.stdout).toMatch(/ s {2}extract +SUCCEEDED\n/);
    expect(run.stdout).toMatch(/ s {2}load +FAILED {2}no luck \(StepFailed\)\n/);
    expect(run.stdout).toContain(`temporal-spark pipeline rerun ${id}`);

    const described = await spark('describe', id);
    expect(described.stdout).toMatch(/State +FAILED/);
    expect(described.stdout).toMatch(/Parameter +sizes = \[1,2\]/);
    expect(described.stdout).toMatch(/extract {2}SUCCEEDED .*\{"rows":7\}/);
    const json = JSON.parse((await spark('describe', id, '-o', 'json')).stdout) as { state: string };
    expect(json.state).toBe('FAILED');

    const drawn = (format: string) => spark('graph', id, '-o', format);
    const mermaid = await drawn('mermaid');
    expect(mermaid).toMatchObject({ code: 0, stderr: '' });
    expect(mermaid.stdout).toMatch(/extract.*SUCCEEDED · \d+ s/);
    expect(mermaid.stdout).toMatch(/load.*FAILED · \d+ s/);
    for (const format of ['mermaid', 'dot', 'svg']) {
      const { stdout } = await drawn(format);
      expect(stdout).toContain('#b7e4c7'); // what succeeded
      expect(stdout).toContain('#ffb3b3'); // what failed
    }
    expect(await drawn('png')).toMatchObject({ code: 2 });
    await mkdir(join(directory, 'pipeline'));
    await copyFile(file, join(directory, 'pipeline', 'etl.yaml'));
    await copyFile(join(directory, 'extract.yaml'), join(directory, 'pipeline', 'extract.yaml'));
    const ofFile = await cli(['graph', 'pipeline/etl.yaml', '-o', 'mermaid'], { cwd: directory });
    expect(ofFile).toMatchObject({ code: 0, stdout: expect.stringContaining('extract') as string });
    expect(await spark('graph', `pipeline/${env.namespace}/${env.namespace}/never`)).toMatchObject({
      code: 2,
      stdout: '',
    });

    const watched = await spark('describe', id, '--watch');
    const ageless = (text: string) => text.replaceAll(/\(\S+ ago\)/g, '');
    expect(ageless(watched.stdout)).toBe(ageless(described.stdout));

    const held = await env.spark.pipelines.start(pipelineOf(`held-${env.namespace}`, [step('a', { hold: true })]));
    await eventually('it to begin', async () => (await held.status()).state === 'RUNNING');
    await env.client.workflow.getHandle(held.workflowId).terminate('by hand');
    const terminated = await spark('describe', held.workflowId, '--watch');
    expect(terminated.stdout).toMatch(/State +TERMINATED, was RUNNING/);

    const unreadable = `pipeline/${env.namespace}/unreadable/x`;
    const { workflow } = env.client;
    const start = { taskQueue: env.taskQueue, workflowId: unreadable, args: [{}] };
    await expect(workflow.execute('sparkPipeline', start)).rejects.toThrow();
    const never = await spark('describe', unreadable, '--watch');
    expect(never.stdout).toMatch(/State +FAILED\nFailure +InvalidManifest: /);

    const again = await spark('pipeline', 'rerun', id, '--run', 'again', '--follow');
    expect(again.stdout).toContain(`Started pipeline/${env.namespace}/${env.namespace}/again`);
    expect((await spark('describe', `pipeline/${env.namespace}/${env.namespace}/again`)).stdout).toMatch(
      /extract .*kept from a previous run/,
    );
  });
});
