import { describe, expect, it } from 'vitest';
import { readLogEnd } from '../../../src/activities/watch/log-end.ts';
import { DEFAULT_RETRY_POLICY } from '../../../src/kubernetes/client/retry.ts';
import type { KubernetesClient, LogOptions } from '../../../src/kubernetes/index.ts';
import { refuse, scriptedServer } from '../kubernetes/scripted-server.ts';

const MIB = 2 ** 20;
const source = { namespace: 'n', pod: 'p', container: 'c', timeoutMs: 60_000 };

/** Answers as the kubelet does: the first bytes of the last lines. */
function cluster(log: string): { readonly kubernetes: KubernetesClient; readonly asked: LogOptions[] } {
  const asked: LogOptions[] = [];
  const logs = (_namespace: string, _pod: string, options: LogOptions) => {
    asked.push(options);
    const lines = log.split('\n').slice(0, -1).slice(-options.tailLines!);
    return Promise.resolve(`${lines.join('\n')}\n`.slice(0, options.limitBytes));
  };
  return { kubernetes: { logs } as unknown as KubernetesClient, asked };
}

describe('the end of a log', () => {
  it('takes one request where its lines are short', async () => {
    const { kubernetes, asked } = cluster('line\n'.repeat(20_000));
    expect(await readLogEnd(kubernetes, source)).toBe('line\n'.repeat(8192));
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ container: 'c', limitBytes: 3 * MIB });
  });

  it('has the last lines, where all that were requested are more than the limit', async () => {
    const { kubernetes, asked } = cluster(`${`${'x'.repeat(16_000)}\n`.repeat(1_000)}the last line\n`);
    const log = await readLogEnd(kubernetes, source);
    expect(log.endsWith('the last line\n')).toBe(true);
    expect(log.length).toBeGreaterThan(MIB);
    expect(asked.map(({ tailLines }) => tailLines)).toEqual([8192, 1024, 128]);
  });

  it('is read for at most 16 drivers at once, however many end together', async () => {
    let reading = 0;
    let most = 0;
    const answers: (() => void)[] = [];
    const logs = async () => {
      most = Math.max(most, ++reading);
      await new Promise<void>((resolve) => answers.push(resolve));
      reading--;
      return '';
    };
    const kubernetes = { logs } as unknown as KubernetesClient;
    let left = 50;
    const all = Promise.all(Array.from({ length: left }, () => readLogEnd(kubernetes, source).finally(() => left--)));
    while (left > 0) {
      answers.shift()?.();
      await new Promise(setImmediate);
    }
    await all;
    expect(most).toBe(16);
  });

  it('is given up where other logs take too long, and leaves its place to the next one', async () => {
    const answers: (() => void)[] = [];
    const logs = () => new Promise<string>((resolve) => answers.push(() => resolve('log\n')));
    const kubernetes = { logs } as unknown as KubernetesClient;
    const slow = Array.from({ length: 16 }, () => readLogEnd(kubernetes, source));
    await expect(readLogEnd(kubernetes, { ...source, timeoutMs: 1 })).rejects.toThrow('timeout');
    const next = readLogEnd(kubernetes, source);
    for (const answer of answers.splice(0)) answer();
    await Promise.all(slow);
    for (const answer of answers) answer();
    expect(await next).toBe('log\n');
  });

  it('is not waited for where the kubelet does not answer: the end of the driver is recorded after it', async () => {
    const message = 'dial tcp 10.0.0.7:10250: connect: connection refused';
    const server = await scriptedServer((_, response) => refuse(response, 500, 'InternalError', { message }));
    const kubernetes = await server.client({ retry: DEFAULT_RETRY_POLICY });
    await expect(readLogEnd(kubernetes, source)).rejects.toThrow('connection refused');
    // Other calls take all tries of the policy, which last for seconds.
    expect(server.requests.length).toBeLessThanOrEqual(DEFAULT_RETRY_POLICY.maxRetries - 1);
  });
});
