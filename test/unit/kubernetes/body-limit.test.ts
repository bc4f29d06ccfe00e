import type { Http2ServerResponse } from 'node:http2';
import { describe, expect, test } from 'vitest';
import { KubernetesErrorType, Resources, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import { eventuallyPasses, json, scriptedServer } from './scripted-server.ts';

const MIB = 2 ** 20;
/** What a connection has under way apart from what its client has taken: flow control and the buffers of two sockets. */
const UNDER_WAY = 8 * MIB;
const PIECE = Buffer.alloc(64 * 1024, ' ');

/** Writes as long as the client takes it; returns how many bytes that were when it stopped. */
function endless(response: Http2ServerResponse, status = 200): { readonly bytes: () => number; ended: boolean } {
  let bytes = 0;
  const flow = { bytes: () => bytes, ended: false };
  response.writeHead(status, { 'content-type': 'application/json' });
  const go = () => {
    for (;;) {
      if (flow.ended) return;
      bytes += PIECE.length;
      if (!response.write(PIECE)) return void response.once('drain', go);
    }
  };
  response.once('close', () => (flow.ended = true));
  response.on('error', () => undefined);
  go();
  return flow;
}

describe('a response without end', () => {
  const proxied = (client: KubernetesClient) => client.getFromPod('n', 'p', 4040, '/api/v1/applications');
  const logged = (client: KubernetesClient) => client.logs('n', 'p', { limitBytes: 8192 });
  const got = (client: KubernetesClient) => client.get(Resources.pods, 'n', 'p');
  const followed = async (client: KubernetesClient) => {
    for await (const _ of client.readLog('n', 'p', { follow: true })) continue;
  };

  test.each([
    ['of a pod', proxied, 200, 1, 'get pods/proxy "p" in namespace "n"'],
    ['that is a log', logged, 200, 1, 'get pods/log "p" in namespace "n"'],
    ['that is an object', got, 200, 32, 'get pods "p" in namespace "n"'],
    ['that is a refusal', got, 403, 1, 'get pods "p" in namespace "n"'],
    ['that refuses a stream', followed, 403, 1, 'get pods/log "p" in namespace "n"'],
  ])('%s is aborted at its limit', async (_, call, status, mib, what) => {
    const flows: ReturnType<typeof endless>[] = [];
    const server = await scriptedServer((__, response) => void flows.push(endless(response, status)));
    const client = await server.client();
    await expect(call(client)).rejects.toMatchObject({
      type: KubernetesErrorType.ResponseTooLarge,
      retryable: true,
      message: expect.stringMatching(
        new RegExp(`^Cannot ${what} on cluster "scripted": the response of .* exceeds the limit of ${mib * MIB} bytes`),
      ) as string,
    });
    await eventuallyPasses(() => expect(flows.map(({ ended }) => ended)).toEqual([true]));
    expect(flows[0]!.bytes()).toBeLessThan(mib * MIB + UNDER_WAY);
  });
});

test('a page that is too large is requested again in smaller parts, until it fits', async () => {
  const limits: string[] = [];
  const server = await scriptedServer(({ url }, response) => {
    const limit = url.searchParams.get('limit')!;
    limits.push(limit);
    if (Number(limit) > 30) return void endless(response);
    json(response, 200, { metadata: { resourceVersion: '5' }, items: [{ metadata: { name: limit } }] });
  });
  const client = await server.client();
  const names: (string | undefined)[] = [];
  for await (const page of client.list(Resources.pods, 'n', { limit: 400 })) {
    names.push(...page.map(({ metadata }) => metadata?.name));
  }
  expect(limits).toEqual(['400', '100', '25']);
  expect(names).toEqual(['25']);
});
