import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identifyProcess } from '../../../lab/process-identity.ts';
import { KubernetesErrorType } from '../../../src/kubernetes/index.ts';
import { eventuallyPasses, json, scriptedServer, testCertificates, VERSION } from './scripted-server.ts';

/** A plugin in a folder of its own, which may write there; `first` is what it does the first time. */
async function plugin(first: string) {
  const folder = mkdtempSync(join((await testCertificates()).directory, 'plugin-'));
  const command = join(folder, 'plugin');
  const apiVersion = 'client.authentication.k8s.io/v1';
  const credential = JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token: 'late' } });
  writeFileSync(
    command,
    `#!/bin/sh\ncd ${folder}\nif mkdir begun 2>/dev/null; then ${first}; fi\necho '${credential}'\n`,
  );
  chmodSync(command, 0o700);
  return { folder, user: { exec: { apiVersion, command, interactiveMode: 'Never' } } };
}

/** One that has ended does not, even where init collects it only a second or two later. */
const isRunning = (pid: number): boolean => identifyProcess(pid) !== undefined;

test('a plugin that hangs once is killed with what it started, and started again by the next call', async () => {
  const server = await scriptedServer((_, response) => json(response, 200, VERSION));
  const { folder, user } = await plugin('sleep 600 & echo $! >child; wait');
  const options = { kubeconfig: server.config({ user }), credentialsTimeoutMs: 2_000, retry: { maxRetries: 0 } };
  const client = await server.client(options);
  const calls = await Promise.allSettled([client.version(), client.version(), client.version({ timeoutMs: 100 })]);
  const message = 'Cannot get credentials for kubeconfig user "tester": no result within 2 s.';
  const unavailable = { reason: { type: KubernetesErrorType.CredentialsUnavailable, message } };
  expect(calls).toMatchObject([unavailable, unavailable, { reason: { type: KubernetesErrorType.Timeout } }]);
  const child = Number(readFileSync(join(folder, 'child'), 'utf8'));
  await eventuallyPasses(() => expect(isRunning(child)).toBe(false));
  expect(await client.version()).toBe('1.36');
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer late']);
});

test('a plugin that writes without end is killed', async () => {
  const server = await scriptedServer((_, response) => json(response, 200, VERSION));
  const { user } = await plugin('yes');
  const client = await server.client({ kubeconfig: server.config({ user }), retry: { maxRetries: 0 } });
  await expect(client.version()).rejects.toMatchObject({
    type: KubernetesErrorType.CredentialsUnavailable,
    message: expect.stringContaining('wrote more than 1048576 bytes and was killed') as string,
  });
  expect(await client.version()).toBe('1.36');
});

test('a plugin that runs ends with its client', async () => {
  const server = await scriptedServer((_, response) => json(response, 200, VERSION));
  const { folder, user } = await plugin('echo $$ >leader; exec sleep 600');
  const client = await server.client({ kubeconfig: server.config({ user }), retry: { maxRetries: 0 } });
  const call = client.version().catch((error: unknown) => error);
  const leader = () => Number(readFileSync(join(folder, 'leader'), 'utf8').trim());
  await eventuallyPasses(() => expect(leader()).toBeGreaterThan(0));
  client.close();
  expect(await call).toBeInstanceOf(Error);
  await eventuallyPasses(() => expect(isRunning(leader())).toBe(false));
});
