import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { SparkApplicationManifest } from '../../src/index.ts';
import { parseSparkPipeline } from '../../src/manifest/index.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { build, root } from '../support/build.ts';
import {
  connectEnvironment,
  type Environment,
  separate,
  startWorker,
  type RunningWorker,
} from '../support/environment.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

let env: Environment;
let worker: RunningWorker;
let directory: string;

beforeAll(async () => {
  const lab = sharedLab();
  const namespace = await createNamespace({ prefix: 'examples' });
  env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress: lab.temporal.address, namespace });
  directory = mkdtempSync(join(tmpdir(), 'temporal-spark-examples-'));
  // The examples import the package by its name, so they run what is published.
  if (!existsSync(join(root, 'dist', 'index.js'))) await build();
  // As `npm link` installs it.
  const command = join(directory, 'temporal-spark');
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${root}/dist/cli/main.js" "$@"\n`, { mode: 0o755 });
  worker = await startWorker(env);
});

afterAll(async () => {
  await worker?.stop();
  rmSync(directory, { recursive: true, force: true });
  await env?.close();
});

/** The manifest of the examples in this test's own namespace, under a name of its own. */
function manifest(name: string): string {
  const written = parse(readFileSync(join(root, 'examples/spark-pi.yaml'), 'utf8')) as SparkApplicationManifest;
  const file = join(directory, `${name}.yaml`);
  writeFileSync(file, stringify({ ...written, metadata: { name, namespace: env.namespace } }));
  return file;
}

function output(command: string, ...args: string[]): Promise<string> {
  return outputOn(env, command, ...args);
}

async function outputOn(where: Environment, command: string, ...args: string[]): Promise<string> {
  const { stdout } = await execa(command, args, {
    cwd: root,
    env: {
      PATH: [directory, process.env['PATH']].join(delimiter),
      TEMPORAL_ADDRESS: where.temporalAddress,
      TEMPORAL_SPARK_TASK_QUEUE: where.taskQueue,
      KUBECONFIG: where.kubeconfig,
    },
  });
  return stdout;
}

describe('each of the four doors', () => {
  it('the command line', async () => {
    const shown = await output('sh', 'examples/cli/run.sh', manifest('by-cli'));
    expect(shown).toContain('is valid');
    expect(shown).toMatch(/COMPLETED {2}exit code 0/);
  });

  it('the SDK', async () => {
    const shown = await output(process.execPath, 'examples/sdk/main.ts', manifest('by-sdk'));
    expect(shown).toContain(`spark/${env.namespace}/by-sdk: COMPLETED, exit code 0, driver by-sdk-driver`);
  });

  it("a workflow of one's own, on a worker with the plugin", async () => {
    const shown = await outputOn(separate(env), process.execPath, 'examples/workflow/main.ts', manifest('by-workflow'));
    expect(shown).toContain('by-workflow-extract-driver, by-workflow-report-driver');
    expect((await env.spark.describe({ namespace: env.namespace, name: 'by-workflow-report' })).workflowStatus).toBe(
      'COMPLETED',
    );
  });

  it('any Temporal client', async () => {
    const shown = await output(process.execPath, 'examples/any-client/main.ts', manifest('by-any-client'));
    expect(JSON.parse(shown)).toMatchObject({ state: 'COMPLETED', name: 'by-any-client', exitCode: 0 });
  });

  it('a pipeline in TypeScript is the one in YAML, and its outputs have types', async () => {
    const { churn } = await import('../../examples/typed-pipeline/train-then-score.ts');
    const yaml = parse(readFileSync(join(root, 'examples/pipelines/train-then-score.yaml'), 'utf8')) as typeof churn;
    expect(parseSparkPipeline(churn)).toEqual(parseSparkPipeline(yaml));

    const { ml } = churn.spec.templates!;
    const message = JSON.stringify({ accuracy: 0.85, model: 's3a://models/churn/7' });
    const driver = { serviceAccount: 'spark', annotations: { 'lab.temporal-spark/termination-message': message } };
    const simulated = {
      ...churn,
      metadata: { name: 'typed', namespace: env.namespace },
      spec: { ...churn.spec, templates: { ml: { spec: { ...ml!.spec, driver } } } },
    };
    const { outputs, unsuccessful } = await (
      await env.spark.pipelines.start(simulated, { parameters: { threshold: 0.8 } })
    ).result();
    expect(outputs.model).toBe('s3a://models/churn/7');
    expect(unsuccessful).toMatchObject([{ name: 'report-poor-model', state: 'SKIPPED' }]);
  });

  it('a submitter of your own submits what the rules give it', async () => {
    const own = separate(env);
    const worker = await startWorkerProcess({
      ...own,
      env: { TEMPORAL_SPARK_SUBMITTERS_FILE: join(root, 'examples/custom-submitter/submitters.yaml') },
    });
    try {
      const written = parse(readFileSync(join(root, 'examples/spark-pi.yaml'), 'utf8')) as SparkApplicationManifest;
      const labels = { team: 'announcers' };
      const metadata = { name: 'announced', namespace: env.namespace, labels };
      const result = await (await own.spark.start({ ...written, metadata })).result();
      expect(result).toMatchObject({ state: 'COMPLETED', submitter: 'announcing' });
    } finally {
      await worker.end();
    }
  });
});
