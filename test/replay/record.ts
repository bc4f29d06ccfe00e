/**
 * Records histories of the workflows as they are now: `node test/replay/record.ts VERSION`. A history that is in the
 * repository is never replaced: it stands for runs that are under way somewhere.
 */
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { startLab } from '../../lab/lab.ts';
import type { SparkApplicationManifest } from '../../src/index.ts';
import { connectEnvironment, failureOf, withWorker } from '../support/environment.ts';
import { root } from '../support/build.ts';
import { eventually } from '../support/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';

const version = process.argv[2];
if (version === undefined) throw new Error('Which version of the package? For example 0.1.0');

const lab = await startLab({ mode: 'simulated' });
const env = await connectEnvironment({
  kubeconfig: lab.kubeconfig,
  temporalAddress: lab.temporal!.address,
  namespace: 'default',
});
await env.kubernetes.create(
  { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'spark', namespace: 'default' } },
);

async function save(name: string): Promise<void> {
  const history = await env.client.workflow.getHandle(`spark/default/${name}`).fetchHistory();
  const file = join(import.meta.dirname, 'histories', `${name}_${version}.json`);
  // A worker's identity names its machine, a stack trace its checkout.
  const text = historyToJSON(history).replaceAll(`@${hostname()}`, '@worker').replaceAll(`${root}/`, '/app/');
  await writeFile(file, `${JSON.stringify(JSON.parse(text), undefined, 1)}\n`, { flag: 'wx' });
  console.log(file);
}

const exits: Record<string, string> = { 'lab.temporal-spark/exit-code': '3' };
const restarted: SparkApplicationManifest = sparkPi({ name: 'restarted', annotations: exits });
restarted.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 };

await withWorker(env, async () => {
  await (await env.spark.start(sparkPi({ name: 'completed' }))).result();
  await failureOf((await env.spark.start(sparkPi({ name: 'failed', annotations: exits }))).result());
  await failureOf((await env.spark.start(restarted)).result());
  const cancelled = await env.spark.start(sparkPi({ name: 'cancelled', annotations: RUN_FOREVER }));
  await eventually('it to run', async () => (await cancelled.describe()).status?.state === 'RUNNING');
  await cancelled.kill();
  await failureOf(cancelled.result());
});
for (const name of ['completed', 'failed', 'restarted', 'cancelled']) await save(name);
await env.close();
await lab.stop();
