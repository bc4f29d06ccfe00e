import { constants, type ServerHttp2Stream } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { Resources } from '../../../src/kubernetes/index.ts';
import { eventuallyPasses, json, scriptedServer, VERSION } from './scripted-server.ts';

/** More than the window of a stream, and so waiting in the client. */
const big = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'big', namespace: 'default' },
  data: { text: 'x'.repeat(200_000) },
};

// Without the reset, Node sends empty DATA frames in an endless loop once the server reads on.
describe('a request whose body is being sent', () => {
  it('is reset where the caller gives it up, and its connection is used again', async () => {
    const streams: ServerHttp2Stream[] = [];
    const server = await scriptedServer(
      ({ method }, response) => {
        if (method === 'GET') json(response, 200, VERSION);
        else streams.push(response.stream);
      },
      { readsBodies: false },
    );
    const client = await server.client();
    const giveUp = new AbortController();
    const creation = client.create(Resources.configMaps, big, { signal: giveUp.signal });
    await eventuallyPasses(() => expect(streams).toHaveLength(1));
    giveUp.abort(new Error('given up'));
    await expect(creation).rejects.toThrow('given up');
    await eventuallyPasses(() => expect(streams[0]!.closed).toBe(true));
    expect(streams[0]!.rstCode).toBe(constants.NGHTTP2_CANCEL);
    await client.version();
    expect(server.connections()).toBe(1);
  });
});
