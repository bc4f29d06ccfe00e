import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { eventually } from '../../lab/eventually.ts';
import { freePort } from '../../lab/ports.ts';
import { dieWithParent } from '../../lab/process.ts';
import { sparkHome } from '../../lab/spark-home.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import { installCrds } from '../../test/support/crds.ts';
import { SPARK_VERSION } from '../submission.ts';
import { scaleApplication, type ScaleLab } from './scale-lab.ts';

const END_MS = 30_000;
const POLL_MS = 500;

/**
 * The controller of the Kubeflow operator on the same cluster, all its applications at once: so many a minute. Nothing
 * where `KUBEFLOW_OPERATOR_BIN` names no built operator. Its spark-submit needs Java.
 */
export async function operatorPerMinute(scale: ScaleLab, applications: number): Promise<number[]> {
  const binary = process.env['KUBEFLOW_OPERATOR_BIN'];
  if (binary === undefined) return [];
  const { kubernetes } = scale.env;
  await installCrds(kubernetes);
  const namespace = await scale.newNamespace('operator');
  const port = await freePort();
  const flags = [
    `--namespaces=${namespace}`,
    `--health-probe-bind-address=127.0.0.1:${port}`,
    '--leader-election=false',
  ];
  const [file, ...args] = [...dieWithParent(), binary, 'controller', 'start', ...flags] as [string, ...string[]];
  const operator = execa(file, args, {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
    reject: false,
    env: { KUBECONFIG: scale.lab.kubeconfig, SPARK_HOME: await sparkHome(SPARK_VERSION), SPARK_LOCAL_IP: '127.0.0.1' },
    forceKillAfterDelay: END_MS,
  });
  try {
    const isReady = async (signal: AbortSignal) => (await fetch(`http://127.0.0.1:${port}/readyz`, { signal })).ok;
    await eventually('the operator to be ready', isReady, { signal: scale.signal });
    const create = (manifest: object) => kubernetes.create(Resources.sparkApplications, manifest);
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: applications }, (_, index) => create(scaleApplication(namespace, `pi-${index}`))),
    );
    for (;;) {
      let completed = 0;
      for await (const page of kubernetes.list(Resources.sparkApplications, namespace)) {
        completed += page.filter(({ status }) => stateOf(status) === 'COMPLETED').length;
      }
      if (completed >= applications) return [(60_000 * applications) / (performance.now() - begun)];
      await sleep(POLL_MS, undefined, { signal: scale.signal });
    }
  } finally {
    operator.kill();
    await operator;
  }
}

function stateOf(status: unknown): unknown {
  return (status as { applicationState?: { state?: string } } | undefined)?.applicationState?.state;
}
