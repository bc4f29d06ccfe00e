import { afterEach, describe, expect, it, vi } from 'vitest';
import { untilReady } from '../../../src/cli/commands/connect/connect.ts';
import { CliError } from '../../../src/cli/exit-code.ts';
import type { CustomObject, KubernetesClient } from '../../../src/kubernetes/index.ts';

afterEach(() => void vi.restoreAllMocks());

const session = (state: string, message: string): CustomObject => ({
  status: {
    state,
    conditions: [{ type: 'ServerPodReady', message }],
    server: { podName: 'adhoc-server', serviceName: 'adhoc-server' },
  },
});

/** Answers with each of these once, and then with the last one. */
function waiting(answers: readonly (CustomObject | undefined)[], timeoutMs = 10_000) {
  let asked = 0;
  const get = async () => answers[Math.min(asked++, answers.length - 1)];
  const kubernetes = { get } as unknown as KubernetesClient;
  const lines: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
  return { lines, ready: untilReady({ kubernetes, namespace: 'etl', name: 'adhoc', timeoutMs, intervalMs: 0 }) };
}

describe('a session that is connected to', () => {
  it('is waited for, with each state once', async () => {
    const starting = session('Provisioning', 'The server is being started');
    const { lines, ready } = waiting([{}, starting, starting, session('Ready', '')]);
    expect(await ready).toEqual({ podName: 'adhoc-server', serviceName: 'adhoc-server' });
    expect(lines).toEqual([
      'SparkConnect etl/adhoc is new: no operator has served it yet',
      'SparkConnect etl/adhoc is Provisioning: The server is being started',
    ]);
  });

  it('has the address of its route, once that is written', async () => {
    const { status } = session('Ready', '');
    const exposed = (is: string) => ({ type: 'Exposed', status: is, message: 'sc://adhoc.example.org:443' });
    const withRoute = (is: string) => ({ status: { ...status, conditions: [exposed(is)] } });
    expect(await waiting([withRoute('True')]).ready).toMatchObject({ address: 'sc://adhoc.example.org:443' });
    expect(await waiting([withRoute('False')]).ready).not.toHaveProperty('address');
  });

  it.each<[string, CustomObject | undefined, number, string, number]>([
    ['does not exist', undefined, 10_000, 'SparkConnect etl/adhoc does not exist; to list them: kubectl', 2],
    ['has failed', session('Failed', 'no image'), 10_000, 'SparkConnect etl/adhoc is Failed: no image', 1],
    [
      'is not ready in time',
      session('NotReady', 'not ready'),
      -1,
      'Timed out after -0.001 s waiting for its server: SparkConnect etl/adhoc is NotReady: not ready',
      1,
    ],
  ])('is reported where it %s', async (_, answer, timeoutMs, message, exitCode) => {
    const error = await waiting([answer], timeoutMs).ready.catch((caught: unknown) => caught as CliError);
    expect(error).toBeInstanceOf(CliError);
    expect((error as CliError).message).toContain(message);
    expect((error as CliError).exitCode).toBe(exitCode);
  });
});
