import type { Lab } from '../../lab/contract.ts';
import { workerKubeconfig } from './chart-rights.ts';
import { connectEnvironment, withWorker, type Environment } from './environment.ts';
import { connectKubernetes } from '../../src/kubernetes/index.ts';
import { DEFAULT_TIMINGS } from '../../src/worker.ts';
import { keepUp } from './keep-up.ts';
import { sparkPi } from './manifests.ts';
import { makeNamespace } from './namespace.ts';

/**
 * Kills the API server, starts six applications, and starts it again: a worker with the rights of the chart submits them
 * while it lists roles and informers. As often as given; resolves with the state in which each application ended.
 */
export async function submitDuringRestarts(lab: Lab, rounds: number): Promise<string[]> {
  const namespace = await makeNamespace(lab.kubeconfig, 'restarts');
  const connected = await connectEnvironment({
    kubeconfig: lab.kubeconfig,
    temporalAddress: lab.temporal!.address,
    namespace,
  });
  const kubeconfig = await workerKubeconfig(lab.kubeconfig, namespace);
  const account = { kubeconfig, kubernetes: await connectKubernetes({ kubeconfig }) };
  const env = { ...connected, worker: account, timings: DEFAULT_TIMINGS };
  const stopKeepingUp = keepUp(lab, () => undefined);
  const ends: string[] = [];
  try {
    await withWorker(env, async () => {
      for (let round = 1; round <= rounds; round++) ends.push(...(await submitDuringRestart(lab, env, round)));
    });
  } finally {
    await stopKeepingUp();
    account.kubernetes.close();
    await env.close();
  }
  return ends;
}

async function submitDuringRestart(lab: Lab, { spark, namespace }: Environment, round: number): Promise<string[]> {
  const apiServer = lab.components['kube-apiserver']!;
  await apiServer.kill('SIGKILL');
  const names = Array.from({ length: 6 }, (_, index) => `r${round}-${index + 1}`);
  const applications = await Promise.all(names.map((name) => spark.start(sparkPi({ name, namespace }))));
  await apiServer.start();
  return Promise.all(
    applications.map(async (application, index) => {
      const end = await application.result().catch((error: unknown) => ({ state: String(error) }));
      return `${names[index]} ${end.state}`;
    }),
  );
}
