import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Lab, LabOptions } from '../../../lab/contract.ts';
import { startLab } from '../../../lab/lab.ts';

describe('a lab on an existing cluster', () => {
  let directory: string;
  let server: Server;
  let url: string;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'existing-test-'));
    vi.stubEnv('TEMPORAL_SPARK_CACHE', join(directory, 'cache'));
    server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const writeConfig = (name: string, contexts: readonly string[], current?: string): string => {
    const file = join(directory, name);
    const config = {
      'current-context': current,
      contexts: contexts.map((context) => ({
        name: context,
        context: { cluster: 'c', user: 'u', namespace: context },
      })),
      clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority': 'ca.crt' } }],
      users: [{ name: 'u', user: { tokenFile: '/absolute/token', exec: { command: './bin/login' } } }],
    };
    writeFileSync(file, stringify(config));
    return file;
  };
  const start = async (options: Partial<LabOptions>): Promise<Lab> => {
    const lab = await startLab({ mode: 'existing', temporal: false, ...options });
    onTestFinished(() => lab.stop());
    return lab;
  };
  const read = (lab: Lab): Record<string, unknown> => parse(readFileSync(lab.kubeconfig, 'utf8')) as never;

  test('has the wanted context as the current one of its kubeconfig', async () => {
    const lab = await start({ kubeconfig: writeConfig('config', ['one', 'two'], 'one'), context: 'two' });
    expect(read(lab)['current-context']).toBe('two');
    expect(lab.components).toEqual({});
  });

  test('takes the current context by default, and finds relative files from the original folder', async () => {
    mkdirSync(join(directory, 'sub'));
    const lab = await start({ kubeconfig: writeConfig('sub/config', ['one', 'two'], 'one') });
    expect(read(lab)).toMatchObject({
      'current-context': 'one',
      clusters: [{ cluster: { 'certificate-authority': join(directory, 'sub', 'ca.crt') } }],
      users: [{ user: { tokenFile: '/absolute/token', exec: { command: join(directory, 'sub', 'bin', 'login') } } }],
    });
  });

  test('looks for the context in every file of KUBECONFIG', async () => {
    const files = [writeConfig('first', ['one'], 'one'), writeConfig('second', ['two'])];
    vi.stubEnv('KUBECONFIG', files.join(delimiter));
    expect(read(await start({ context: 'two' }))['current-context']).toBe('two');
  });

  test('lists the known contexts when the wanted one is not among them', async () => {
    const kubeconfig = writeConfig('config', ['one', 'two'], 'one');
    await expect(start({ kubeconfig, context: 'three' })).rejects.toThrow(
      `${kubeconfig} has no context "three". It has: one, two.`,
    );
  });

  test('reports which server is unreachable', async () => {
    const kubeconfig = writeConfig('config', ['one'], 'one');
    server.close();
    await expect(start({ kubeconfig })).rejects.toThrow(`Cannot reach the cluster at ${url}`);
  });
});
