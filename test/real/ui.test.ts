import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { useRealSpark } from './real-spark.ts';

const spark = useRealSpark();
const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

it("opens a running driver's UI through a real kubelet, and ends with the driver", async () => {
  const { env, lab, application, runningDriver } = spark;
  const { workflowId } = await env.spark.start(application('with-ui', { args: ['20000'] }));
  await runningDriver('with-ui');
  const { kubeconfig, temporalAddress } = lab;
  const command = spawn(process.execPath, [main, 'ui', workflowId, '--address', temporalAddress], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void command.kill('SIGKILL'));
  const shown = { stdout: '', stderr: '' };
  command.stdout.on('data', (chunk: Buffer) => (shown.stdout += chunk.toString()));
  command.stderr.on('data', (chunk: Buffer) => (shown.stderr += chunk.toString()));
  const exit = once(command, 'exit');
  const link = await eventually(
    'the link',
    () => {
      if (command.exitCode !== null) throw new Error(shown.stderr);
      return shown.stdout.includes('\n') && shown.stdout.trim();
    },
    { timeoutMs: 300_000 },
  );
  const { status } = await env.spark.describe(workflowId);
  const get = async (path: string) => fetch(`${link.replace('localhost', '127.0.0.1')}${path}`);
  const applications = (await (await get('/api/v1/applications')).json()) as { readonly id: string }[];
  expect(applications.map(({ id }) => id)).toEqual([status!.sparkApplicationId]);
  // A page and what it loads, as a browser does: several connections at once.
  const pages = ['/jobs/', '/executors/', '/static/jquery-3.5.1.min.js', '/environment/', '/stages/', '/storage/'];
  const answers = await Promise.all(pages.map(async (page) => (await get(page)).text()));
  expect(answers[0]).toContain('Spark Jobs');
  // Longer than the silence after which a connection counts as broken: the kubelet answers pings.
  const idle = await env.kubernetes.connectToPod('default', 'with-ui-driver', 4040);
  onTestFinished(() => void idle.destroy());
  let closed: Error | 'end' | undefined;
  idle.once('error', (error) => (closed = error)).once('end', () => (closed = 'end'));
  await sleep(25_000);
  expect(closed).toBeUndefined();
  await env.spark.kill(workflowId);
  expect(await exit).toEqual([0, null]);
  expect(shown.stderr).toMatch(/The driver of default\/with-ui (?:has ended|was deleted), and its UI with it\./);
}, 900_000);
