import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { cli, sparkSubmitArguments, type CliResult } from '../support/cli.ts';
import { connectEnvironment, withWorker, type Environment } from '../support/environment.ts';

let env: Environment;

beforeAll(async () => {
  const lab = sharedLab();
  const namespace = await createNamespace({ prefix: 'spark-submit' });
  env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress: lab.temporal.address, namespace });
});

afterAll(() => env?.close());

function sparkSubmit(name: string, ...args: string[]): Promise<CliResult> {
  return cli(sparkSubmitArguments(name, env.namespace, ...args), {
    env: { TEMPORAL_ADDRESS: env.temporalAddress, TEMPORAL_SPARK_TASK_QUEUE: env.taskQueue },
  });
}

describe('spark-submit', () => {
  it('runs the application as a durable workflow and waits until it ends', async () => {
    const { code, stdout, stderr } = await withWorker(env, () => sparkSubmit('Submitted Pi'));
    expect(stdout).toContain(`Started spark/${env.namespace}/submitted-pi`);
    expect(stdout).toMatch(/COMPLETED {2}exit code 0/);
    expect({ code, stderr: stderr.includes('named "submitted-pi"') }).toEqual({ code: 0, stderr: true });
  });

  it('ends with 1 when the application failed', async () => {
    const failing = 'spark.kubernetes.driver.annotation.lab.temporal-spark/exit-code=3';
    const { code, stdout } = await withWorker(env, () => sparkSubmit('fails', '--conf', failing));
    expect(stdout).toContain('FAILED  exit code 3');
    expect(code).toBe(1);
  });
});
