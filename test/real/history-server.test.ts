import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import { HISTORY_SERVER } from '../../src/spark/history/history-server-pod.ts';
import { root } from '../support/build.ts';
import { useRealSpark } from './real-spark.ts';

const spark = useRealSpark();
/** The directory of the event logs, as this process sees it. */
const events = join(spark.lab.directory, 'spark-events');

beforeAll(() => {
  mkdirSync(events);
  chmodSync(events, 0o777); // Spark's user is not this one
});

/** SparkPi whose driver writes its event log into a directory of its node. */
function logged(name: string) {
  const manifest = spark.application(name);
  const { spec } = manifest;
  spec.sparkConf = {
    ...spec.sparkConf,
    'spark.eventLog.enabled': 'true',
    'spark.eventLog.dir': '/events',
  };
  spec.volumes = [{ name: 'events', hostPath: { path: events } }];
  spec.driver.volumeMounts = [{ name: 'events', mountPath: '/events' }];
  return manifest;
}

function ui(workflowId: string) {
  const { kubeconfig, temporalAddress } = spark.lab;
  const command = spawn(
    process.execPath,
    [join(root, 'src/cli/main.ts'), 'ui', workflowId, '--address', temporalAddress],
    { env: { ...process.env, KUBECONFIG: kubeconfig }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => void command.kill('SIGKILL'));
  const run = { command, stdout: '', stderr: '', exit: once(command, 'exit') };
  command.stdout.on('data', (chunk: Buffer) => (run.stdout += chunk.toString()));
  command.stderr.on('data', (chunk: Buffer) => (run.stderr += chunk.toString()));
  return run;
}

async function servers(): Promise<string[]> {
  const { items } = await spark.env.kubernetes.page(Resources.pods, 'default', undefined, {
    labelSelector: HISTORY_SERVER,
  });
  return items.map(({ metadata }) => metadata!.name!);
}

it("shows an event log by the History Server of the application's image, and reports one that is missing", async () => {
  const { env } = spark;
  const application = await env.spark.start(logged('with-log'));
  const { sparkApplicationId, state } = await application.result();
  expect(state).toBe('COMPLETED');
  expect(readdirSync(events).join(' ')).toContain(sparkApplicationId);

  const shown = ui(application.workflowId);
  const link = await eventually(
    'the link',
    () => {
      if (shown.command.exitCode !== null) throw new Error(shown.stderr);
      return shown.stdout.includes('\n') && shown.stdout.trim().replace('localhost', '127.0.0.1');
    },
    { timeoutMs: 300_000 },
  );
  const { origin, pathname } = new URL(link);
  expect(pathname).toBe(`/history/${sparkApplicationId}/`);
  const listed = (await (await fetch(`${origin}/api/v1/applications`)).json()) as { readonly id: string }[];
  expect(listed.map(({ id }) => id)).toEqual([sparkApplicationId]);
  expect(await (await fetch(`${link}jobs/`)).text()).toContain('Spark Jobs');
  expect(await servers()).toEqual([expect.stringMatching(/^with-log-history-/)]);
  shown.command.kill('SIGINT');
  expect(await shown.exit).toEqual([130, null]);
  await eventually('the pod to be gone', async () => (await servers()).length === 0, { timeoutMs: 120_000 });

  for (const name of readdirSync(events)) rmSync(join(events, name), { recursive: true });
  const missing = ui(application.workflowId);
  expect(await missing.exit).toEqual([1, null]);
  expect(missing.stderr).toContain(`which has no event log of ${sparkApplicationId} that it can read`);
}, 900_000);
