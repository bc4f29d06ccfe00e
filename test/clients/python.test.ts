import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { pythonWithKubernetes } from '../../lab/python-kubernetes.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { useOperator } from '../support/operator-fixture.ts';

const cluster = useCluster('python', { worker: {} });
const { pi, driverOf } = cluster;
const operator = useOperator(cluster);

it('the Kubernetes client for Python creates, follows and deletes an application with CustomObjectsApi', async () => {
  await operator.start();
  const { kubeconfig, namespace } = cluster.env;
  const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-python-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'application.json');
  const manifest = pi('from-python');
  manifest.spec.driver.labels = { dag_id: 'etl' };
  await writeFile(file, JSON.stringify(manifest));

  const script = join(import.meta.dirname, 'follow_application.py');
  const { stdout } = await execa(await pythonWithKubernetes(), [script, namespace, file], {
    env: { KUBECONFIG: kubeconfig },
  });
  const reports = stdout.split('\n').map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);

  expect(reports[0]).toMatchObject({ created: expect.stringMatching(/^[-\da-f]{36}$/) as string });
  const states = reports.filter(({ state }) => typeof state === 'string').map(({ state }) => state);
  const changes = states.filter((state, index) => state !== states[index - 1]);
  // It watches once the application exists, and sees each state from then on.
  expect(changes).toEqual(operator.statesOf('from-python').slice(-changes.length));
  expect(changes.at(-1)).toBe('COMPLETED');
  const { submissionId } = await cluster.env.spark.result(`spark/${namespace}/from-python`);
  const podName = 'from-python-driver';
  expect(reports).toContainEqual({
    status: expect.objectContaining({ submissionID: submissionId, driverInfo: { podName } }) as object,
  });
  const labels = { dag_id: 'etl', 'spark-role': 'driver', 'sparkoperator.k8s.io/app-name': 'from-python' };
  expect(reports).toContainEqual({
    ...{ pod: podName, phase: 'Succeeded', labels: expect.objectContaining(labels) as object },
  });
  expect(reports.at(-1)).toEqual({ deleted: 404 });
  await eventually('the driver to go', async () => (await driverOf('from-python')) === undefined);
});
