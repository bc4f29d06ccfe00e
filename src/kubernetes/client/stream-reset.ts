import { subscribe } from 'node:diagnostics_channel';
import { constants, type ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

const resets = Symbol('requests that are given up are reset');

/** Of Node: each request over HTTP/2, of this and of any other client in the process, before anything can end it. */
const CREATED = 'http2.client.stream.created';

/**
 * Has requests over this connection that are given up reset with CANCEL, also while their bodies are being sent.
 *
 * undici closes such a stream without an error code, and destroys it. Node waits with the reset of the former for the
 * end of the body, and forgets the stream with the latter: the server never hears of it, and once its window is open,
 * Node sends empty DATA frames in an endless loop, which takes all memory and lets nothing else run.
 */
export function resetGivenUp(socket: Socket): void {
  Object.defineProperty(socket, resets, { value: true });
  isSubscribed ||= watchStreams();
}

let isSubscribed = false;

function watchStreams(): true {
  subscribe(CREATED, (message) => {
    const { stream } = message as { readonly stream: ClientHttp2Stream };
    // A session shows its socket by a proxy, which is not equal to it, but has its properties.
    const socket = stream.session?.socket as { readonly [resets]?: true } | undefined;
    if (socket?.[resets] !== true) return;
    const close = stream.close.bind(stream);
    stream.close = (code = constants.NGHTTP2_CANCEL, callback) => close(code, callback);
  });
  return true;
}
