import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from '../../lab/eventually.ts';
import { root } from '../support/build.ts';
import { cli, sparkSubmitArguments, type CliResult } from '../support/cli.ts';
import { sparkPi } from '../support/manifests.ts';
import { writePipelineFiles } from '../support/pipeline-files.ts';
import { pipelineOf } from '../support/pipelines.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('cli');
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'temporal-spark-cli-'));
});
afterAll(async () => {
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

function environment(): Record<string, string> {
  const { temporalAddress, taskQueue } = temporal.env;
  return { TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_SPARK_TASK_QUEUE: taskQueue };
}

function temporalSpark(...args: string[]): Promise<CliResult> {
  return cli(args, { env: environment() });
}

describe('run --follow', () => {
  it('warns when no worker polls the task queue', async () => {
    const { client, namespace } = temporal.env;
    const file = join(directory, 'unheard.yaml');
    await writeFile(file, stringify(sparkPi({ name: 'unheard', namespace })));
    const following = spawn(process.execPath, [join(root, 'src/cli/main.ts'), 'run', file, '--follow'], {
      env: { PATH: process.env['PATH'], ...environment() },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let shown = '';
    following.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    await eventually('the warning', () => shown.includes('no worker polls task queue'));
    expect(shown).toContain('temporal-spark worker');
    following.kill('SIGINT');
    expect(await once(following, 'exit')).toEqual([130, null]);
    await client.workflow.getHandle(`spark/${namespace}/unheard`).terminate();
  });
});

describe('an application that is not there', () => {
  it.each(['describe', 'kill'])('%s exits with 2 and names what it looked for', async (command) => {
    const { code, stderr } = await temporalSpark(command, 'never-was');
    expect(code).toBe(2);
    expect(stderr).toContain('no workflow spark/default/never-was');
  });

  it('a Temporal namespace that does not exist is named', async () => {
    const { code, stderr } = await temporalSpark('describe', 'x', '--temporal-namespace', 'nowhere');
    expect(code).toBe(2);
    expect(stderr).toContain('nowhere');
  });
});

describe('a pipeline on the command line', () => {
  it('is refused with everything that is wrong, before any server is asked', async () => {
    const file = await writePipelineFiles(directory, temporal.env.namespace);
    const nowhere = ['--address', '127.0.0.1:1', '--client-connect-timeout', '200ms'];
    expect(await cli(['run', file, ...nowhere, '-p', 'date'])).toMatchObject({ code: 3 });
    await writeFile(
      join(directory, 'bad.yaml'),
      stringify(pipelineOf('bad', [{ name: 'a', applicationFile: 'b.yaml', dependsOn: ['c'] }])),
    );
    const bad = await cli(['run', join(directory, 'bad.yaml'), ...nowhere]);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toMatch(
      /spec\.stages\[0\]\.applicationFile .*Cannot read \S*b\.yaml: no such file[^]*is not a stage/,
    );
    const wrong = await temporalSpark('run', file, '-p', 'size=x', '-p', 'sizes=many');
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not a list<int> in JSON, for example ["a","b"]') as string,
    });
    const missing = await temporalSpark('run', file);
    expect(missing).toMatchObject({ code: 2, stderr: 'The parameter date (string) is required.\n' });
    expect(await temporalSpark('pipeline', 'pause', 'spark/default/pi')).toMatchObject({ code: 2 });
  });
});

describe('spark-submit', () => {
  const sparkSubmit = (name: string, ...args: string[]) =>
    temporalSpark(...sparkSubmitArguments(name, temporal.env.namespace, ...args));

  it('only starts it where spark-submit would not wait', async () => {
    const { code, stdout } = await sparkSubmit(
      'not-awaited',
      ...['--conf', 'spark.kubernetes.submission.waitAppCompletion=false', '-o', 'json'],
    );
    expect(code).toBe(0);
    const workflowId = `spark/${temporal.env.namespace}/not-awaited`;
    expect(JSON.parse(stdout)).toMatchObject([{ workflowId }]);
    await temporal.env.client.workflow.getHandle(workflowId).terminate();
  });

  it('starts nothing with --dry-run', async () => {
    const { code, stdout } = await sparkSubmit('dry', '--dry-run');
    expect({ code, pod: stdout.includes('kind: Pod') }).toEqual({ code: 0, pod: true });
    const { spark, namespace } = temporal.env;
    await expect(spark.describe({ namespace, name: 'dry' })).rejects.toThrow();
  });
});

describe('temporal-spark setup', () => {
  it('names a namespace of Temporal that is not there', async () => {
    const { code, stderr } = await temporalSpark('setup', '--temporal-namespace', 'no-such-namespace');
    expect(code).toBe(2);
    expect(stderr).toContain('no-such-namespace');
  });
});
