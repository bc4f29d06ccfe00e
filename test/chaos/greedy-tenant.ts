import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../../lab/contract.ts';
import { workerKubeconfig } from '../support/chart-rights.ts';
import { connectEnvironment, type Environment } from '../support/environment.ts';
import { sparkPi } from '../support/manifests.ts';
import { makeNamespace } from '../support/namespace.ts';
import { HostileTenant, worstManifests } from './hostile-tenant.ts';
import { startLaneProcess } from './lane-worker.ts';
import type { ProofResult } from './proofs.ts';

/** Of a manifest: what a workflow takes. */
const BYTES = 1_500_000;
const WORKERS = 2;
const AT_ONCE = 4;
/** So much longer than usual the slowest twentieth may take. */
const FACTOR = 2;

/** Measures how long applications of others take, without a greedy tenant and with one. */
export async function serveOthers(lab: Lab, { seconds }: { readonly seconds: number }): Promise<ProofResult> {
  const namespace = await makeNamespace(lab.kubeconfig, 'others');
  const { kubeconfig } = lab;
  const temporalAddress = lab.temporal!.address;
  const env = await connectEnvironment({ kubeconfig, temporalAddress, namespace });
  const { taskQueue } = env;
  const rights = await workerKubeconfig(kubeconfig, namespace);
  const workers = await Promise.all(
    Array.from({ length: WORKERS }, () => startLaneProcess({ kubeconfig: rights, temporalAddress, taskQueue })),
  );
  try {
    // The first applications load what workers load once.
    await timesOf(env, 5, 'first');
    const usual = await timesOf(env, Math.min(60, seconds), 'usual');
    const tenant = new HostileTenant(env.client, { taskQueue, bytes: BYTES, atOnce: AT_ONCE });
    const withTenant = await timesOf(env, seconds, 'with-tenant').finally(() => tenant.stop());
    const text = [
      `worst manifests: ${worstManifests(BYTES)
        .map(({ name }) => name)
        .join('; ')}`,
      `usual:          ${describe(usual)}`,
      `with a tenant:  ${describe(withTenant)}; it started ${tenant.started} workflows`,
    ].join('\n');
    const isGreedy = tenant.started >= seconds;
    return { text, passed: isGreedy && quantile(withTenant, 0.95) <= FACTOR * quantile(usual, 0.95) };
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
    await env.close();
  }
}

/** Milliseconds from the start of an application to its result, of many in turn. */
async function timesOf({ spark, namespace }: Environment, seconds: number, prefix: string): Promise<number[]> {
  const end = Date.now() + seconds * 1_000;
  const times: number[] = [];
  while (Date.now() < end) {
    const begun = performance.now();
    const application = await spark.start(sparkPi({ name: `${prefix}-${times.length + 1}`, namespace }));
    await application.result();
    times.push(performance.now() - begun);
    await delay(100);
  }
  return times;
}

function quantile(times: readonly number[], part: number): number {
  return times.toSorted((one, other) => one - other)[Math.min(times.length - 1, Math.floor(times.length * part))]!;
}

const describe = (times: readonly number[]): string =>
  `${times.length} applications, median ${quantile(times, 0.5).toFixed(0)} ms, 95 % within ${quantile(times, 0.95).toFixed(0)} ms, slowest ${Math.max(...times).toFixed(0)} ms`;
