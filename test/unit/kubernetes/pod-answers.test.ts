import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KubernetesErrorType, Resources, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import { json, refuse, scriptedServer, testCertificates, type Script } from './scripted-server.ts';

const ask = (client: KubernetesClient) => client.getFromPod('n', 'p', 4040, '/api/v1/applications');
const ofPod = (path: string) => path.includes('/proxy/');

/** An API server that passes on what a pod answers, and serves everything else. */
const proxying =
  (pod: Script): Script =>
  (request, response) =>
    ofPod(request.url.pathname) ? pod(request, response) : json(response, 200, { kind: 'Pod' });

describe('what a pod answers through pods/proxy', () => {
  it("does not set the worker's idea of the API server's clock", async () => {
    const date = new Date(Date.now() + 365 * 86_400_000).toUTCString();
    const server = await scriptedServer(proxying((_, response) => json(response, 200, [], { date })));
    const client = await server.client();
    await ask(client);
    expect(Math.abs(client.now() - Date.now())).toBeLessThan(60_000);
    await client.get(Resources.pods, 'n', 'p');
    await ask(client);
    expect(Math.abs(client.now() - Date.now())).toBeLessThan(60_000);
  });

  it('renews no credentials with a 401', async () => {
    const directory = mkdtempSync(join((await testCertificates()).directory, 'test-'));
    const [count, plugin] = [join(directory, 'count'), join(directory, 'plugin')];
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' };
    const issued = JSON.stringify({ ...credential, status: { token: 'token' } });
    writeFileSync(plugin, `#!/bin/sh\necho x >> ${count}\necho '${issued}'\n`);
    chmodSync(plugin, 0o700);
    const server = await scriptedServer(proxying((_, response) => refuse(response, 401, 'Unauthorized')));
    const exec = { apiVersion: credential.apiVersion, command: plugin, interactiveMode: 'Never' };
    const client = await server.client({ kubeconfig: server.config({ user: { exec } }) });
    await expect(ask(client)).rejects.toMatchObject({ type: KubernetesErrorType.BadRequest, status: 401 });
    expect(readFileSync(count, 'utf8')).toBe('x\n');
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [403, 'pods "p" is forbidden: error looking up service account n/s', KubernetesErrorType.BadRequest],
    [403, 'exceeded quota: compute-resources', KubernetesErrorType.BadRequest],
    [409, 'Operation cannot be fulfilled on resourcequotas "q"', KubernetesErrorType.BadRequest],
    [429, 'too many requests', KubernetesErrorType.BadRequest],
    [503, 'not up yet', KubernetesErrorType.ServerError],
  ])('is not repeated, and is no refusal of the API server: %i with %s', async (status, message, type) => {
    const headers = { 'retry-after': '0' };
    const server = await scriptedServer(proxying((_, response) => refuse(response, status, 'x', { message, headers })));
    const error: unknown = await ask(await server.client()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ type, status, retryAfterMs: undefined });
    expect(server.requests).toHaveLength(1);
  });

  it("is a refusal of the API server in the authorizer's words", async () => {
    const message =
      'pods "p:4040" is forbidden: User "w" cannot get resource "pods/proxy" in API group "" in the namespace "n"';
    const server = await scriptedServer(proxying((_, response) => refuse(response, 403, 'Forbidden', { message })));
    await expect(ask(await server.client())).rejects.toMatchObject({
      type: KubernetesErrorType.Forbidden,
      message: expect.stringContaining('grant the verb "get" on "pods/proxy" in namespace "n" with a Role') as string,
    });
  });
});
