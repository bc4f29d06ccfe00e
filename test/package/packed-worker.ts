import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { dieWithParent } from '../../lab/process.ts';
import { startTemporalServer } from '../support/temporal-server.ts';
import type { Project } from './fixture.ts';

/** Runs `temporal-spark worker` of an installed package until it polls; resolves to all that it logged. */
export async function startPackedWorker({ path, installed }: Project): Promise<string> {
  await using temporal = await startTemporalServer();
  // Of a cluster a worker needs no more than this to start.
  await using api = createServer((_request, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ gitVersion: 'v1.36.0' })),
  ).listen(0, '127.0.0.1');
  await once(api, 'listening');
  const kubeconfig = join(path, 'kubeconfig');
  const server = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const clusters = [{ name: 'none', cluster: { server, 'insecure-skip-tls-verify': true } }];
  const contexts = [{ name: 'none', context: { cluster: 'none', user: 'none' } }];
  const users = [{ name: 'none', user: {} }];
  writeFileSync(kubeconfig, JSON.stringify({ clusters, contexts, users, 'current-context': 'none' }));

  const main = join(installed, 'dist', 'cli', 'main.js');
  const [program = '', ...args] = [...dieWithParent(), process.execPath, main, 'worker', '--log-level', 'INFO'];
  const worker = execa(program, args, {
    cwd: path,
    env: { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace, KUBECONFIG: kubeconfig },
    all: true,
    reject: false,
  });
  worker.stdout.on('data', (text: Buffer) => {
    if (text.includes('Polling task queue')) worker.kill('SIGTERM');
  });
  const { all, exitCode } = await worker;
  if (exitCode !== 0) throw new Error(`the worker ended with exit code ${exitCode}:\n${all}`);
  return all;
}
