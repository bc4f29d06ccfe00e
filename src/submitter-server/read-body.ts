import type { IncomingMessage } from 'node:http';
import { ErrorCode, ProtocolError } from './protocol.ts';
import { tryAgain } from './try-again.ts';

export interface BodyOptions {
  /** Bytes. */
  readonly limit: number;
  /** Whether there is room for so many bytes more. */
  readonly keep: (bytes: number) => boolean;
  readonly signal: AbortSignal;
}

/** Rejects as soon as a limit is passed; the rest is read and discarded, so that the client reads the response. */
export function readBody(request: IncomingMessage, { limit, keep, signal }: BodyOptions): Promise<Uint8Array> {
  const tooLarge = () => new ProtocolError(413, ErrorCode.BadRequest, `The body is longer than ${limit} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    let isRefused = false;
    const refuse = (error: ProtocolError): void => {
      isRefused = true;
      chunks.length = 0;
      reject(error);
    };
    request.on('data', (chunk: Uint8Array) => {
      if (isRefused) return;
      length += chunk.length;
      if (length > limit) refuse(tooLarge());
      else if (!keep(chunk.length)) refuse(tryAgain('Too many bodies are being received. Try again.'));
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () =>
      reject(new ProtocolError(400, ErrorCode.BadRequest, 'The connection closed before the body was complete.')),
    );
    signal.addEventListener('abort', () => refuse(signal.reason as ProtocolError), { once: true });
  });
}
