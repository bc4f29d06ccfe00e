import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNamespace, sharedLab } from '../lab-fixture.ts';
import { cli, type CliResult } from '../support/cli.ts';
import { connectEnvironment, withWorker, type Environment } from '../support/environment.ts';

let env: Environment;

beforeAll(async () => {
  const lab = sharedLab();
  const namespace = await createNamespace({ prefix: 'spark-submit' });
  env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress: lab.temporal.address, namespace });
});

afterAll(() => env?.close());

function sparkSubmit(name: string, ...args: string[]): Promise<CliResult> {
  return cli(
    [
      ...['spark-submit', ...args, '--master', 'k8s://https://kubernetes.default.svc', '--deploy-mode', 'cluster'],
      ...['--name', name, '--class', 'org.apache.spark.examples.SparkPi', '--num-executors', '1'],
      ...['--conf', 'spark.kubernetes.container.image=spark:4.1.4'],
      ...['--conf', `spark.kubernetes.namespace=${env.namespace}`],
      ...['--conf', 'spark.kubernetes.authenticate.driver.serviceAccountName=spark'],
      ...['local:///opt/spark/examples/jars/spark-examples.jar', '2'],
    ],
    { env: { TEMPORAL_ADDRESS: env.temporalAddress, TEMPORAL_SPARK_TASK_QUEUE: env.taskQueue } },
  );
}

describe('spark-submit', () => {
  it('runs the application as a durable workflow and waits for its end', async () => {
    const { code, stdout, stderr } = await withWorker(env, () => sparkSubmit('Submitted Pi'));
    expect(stdout).toContain(`Started spark/${env.namespace}/submitted-pi`);
    expect(stdout).toMatch(/COMPLETED {2}exit code 0/);
    expect({ code, stderr: stderr.includes('called "submitted-pi"') }).toEqual({ code: 0, stderr: true });
  });

  it('ends with 1 when the application failed', async () => {
    const failing = 'spark.kubernetes.driver.annotation.lab.temporal-spark/exit-code=3';
    const { code, stdout } = await withWorker(env, () => sparkSubmit('fails', '--conf', failing));
    expect(stdout).toContain('FAILED  exit code 3');
    expect(code).toBe(1);
  });

  it('only starts it where spark-submit would not wait', async () => {
    const { code, stdout } = await sparkSubmit(
      'not-awaited',
      ...['--conf', 'spark.kubernetes.submission.waitAppCompletion=false', '-o', 'json'],
    );
    expect(code).toBe(0);
    const workflowId = `spark/${env.namespace}/not-awaited`;
    expect(JSON.parse(stdout)).toMatchObject([{ workflowId }]);
    await env.client.workflow.getHandle(workflowId).terminate();
  });

  it('starts nothing with --dry-run', async () => {
    const { code, stdout } = await sparkSubmit('dry', '--dry-run');
    expect({ code, pod: stdout.includes('kind: Pod') }).toEqual({ code: 0, pod: true });
    await expect(env.spark.describe({ namespace: env.namespace, name: 'dry' })).rejects.toThrow();
  });
});
