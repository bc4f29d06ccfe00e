import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { ApiServer } from '../../lab/api-server.ts';

const command = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  execa(process.execPath, [join(import.meta.dirname, '..', '..', 'lab', 'main.ts'), ...args]);

test('a lab that is kept outlives the command that started it, until it is stopped by its ID', async () => {
  const started = await command('start', '--keep', '--no-temporal', '--nodes', '1');
  const id = /npm run lab -- stop (\w+)/.exec(started.stdout)?.[1] ?? '';
  onTestFinished(async () => {
    await command('stop', id).catch(() => undefined); // It is stopped already, unless the test failed.
  });
  const kubeconfig = /export KUBECONFIG=(.*)/.exec(started.stdout)?.[1] ?? '';
  const api = await ApiServer.connect(kubeconfig);
  expect((await api.get<{ items: unknown[] }>('/api/v1/nodes')).items).toHaveLength(1);
  api.close();

  const { stdout: status } = await command('status');
  expect(status).toContain(`Lab ${id} (simulated`);
  expect(status).toContain(kubeconfig);

  expect((await command('stop', id)).stdout).toBe(`Lab ${id} is stopped.`);
  expect(existsSync(kubeconfig)).toBe(false);
  expect((await command('status')).stdout).not.toContain(id);
});

test('a lab that does not exist cannot be stopped', async () => {
  await expect(command('stop', 'unheard-of')).rejects.toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('No lab unheard-of runs.') as unknown,
  });
});
