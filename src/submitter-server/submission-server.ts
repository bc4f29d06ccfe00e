import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { explainFailure } from './explain-failure.ts';
import {
  ErrorCode,
  ProtocolError,
  SUBMIT_PATH,
  type SubmitErrorResponse,
  type SubmitRequest,
  type SubmitResponse,
} from './protocol.ts';
import { readBody } from './read-body.ts';
import { readRequest } from './read-request.ts';
import { tryAgain } from './try-again.ts';
import { watchTls, type TlsFiles, type WatchedTls } from './tls-files.ts';

export interface SubmissionLimits {
  /** Concurrent requests; one more gets a 503 with `Retry-After`. @default 64 */
  readonly maxConcurrent?: number;
  /** @default 1048576 */
  readonly maxBodyBytes?: number;
  /** From the first byte to the answer, in milliseconds; the operator waits two minutes. @default 60000 */
  readonly deadlineMs?: number;
  /** Of that, until the body has arrived: the operator sends it at once. @default 10000 */
  readonly bodyTimeoutMs?: number;
}

/** What became of one request. */
export interface Answered {
  readonly status: number;
  readonly durationMs: number;
  /** Empty where the request had none that could be read. */
  readonly submissionId: string;
  readonly response?: SubmitResponse;
  readonly failure?: ProtocolError;
  /** What the failure came of, where that was not foreseen. */
  readonly cause?: unknown;
}

export interface SubmissionServerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** @default plain HTTP */
  readonly tls?: TlsFiles;
  readonly limits?: SubmissionLimits;
  /** Creates or finds the driver. Rejects with the signal's reason when that aborts. */
  readonly submit: (request: SubmitRequest, signal: AbortSignal) => Promise<SubmitResponse>;
  readonly onAnswer?: (answered: Answered) => void;
  /** The TLS files changed: whether they were reloaded. */
  readonly onReload?: (error: Error | undefined) => void;
  /** A connection that TLS refused. */
  readonly onRefusedConnection?: (error: Error) => void;
  /** Milliseconds between checks of the TLS files. @default 2000 */
  readonly tlsIntervalMs?: number;
}

/** Longer than the operator keeps a connection for later use: the operator closes it first. */
const KEEP_ALIVE_MS = 120_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** For submissions that were aborted. */
const GIVE_UP_MS = 5_000;

/** Serves the operator's protocol: `POST /api/v1/spark-submit`, and nothing else. */
export class SubmissionServer {
  private readonly options: SubmissionServerOptions;
  private readonly limits: Required<SubmissionLimits>;
  private readonly server: Server | TlsServer;
  private readonly tls: WatchedTls | undefined;
  private readonly giveUp = new AbortController();
  /** Submissions whose body has arrived. */
  private underWay = 0;
  /** Requests whose body is being received, and how much of all of them has arrived. */
  private receiving = 0;
  private receivedBytes = 0;
  private draining = false;

  /** @throws Error if the TLS files are not usable */
  private constructor(options: SubmissionServerOptions) {
    this.options = options;
    this.limits = {
      maxConcurrent: 64,
      maxBodyBytes: 1024 * 1024,
      deadlineMs: 60_000,
      bodyTimeoutMs: 10_000,
      ...options.limits,
    };
    const { tls, onReload, onRefusedConnection, tlsIntervalMs } = options;
    const timeouts = {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: Math.max(HEADERS_TIMEOUT_MS, this.limits.deadlineMs),
    };
    const listener = (request: IncomingMessage, response: ServerResponse) => void this.handle(request, response);
    if (tls === undefined) {
      this.server = createServer(timeouts, listener);
      return;
    }
    const isMutual = tls.clientCaFile !== undefined;
    this.tls = watchTls(
      tls,
      (change) => {
        if ('secure' in change) server.setSecureContext(change.secure);
        onReload?.('error' in change ? change.error : undefined);
      },
      tlsIntervalMs,
    );
    const server = createTlsServer(
      { ...timeouts, ...this.tls.secure, requestCert: isMutual, rejectUnauthorized: isMutual },
      listener,
    );
    server.on('tlsClientError', (error) => onRefusedConnection?.(error));
    this.server = server;
  }

  /** @throws Error if the address is in use or the TLS files are not usable */
  static async start(options: SubmissionServerOptions): Promise<SubmissionServer> {
    const started = new SubmissionServer(options);
    started.server.listen(options.port, options.host);
    await once(started.server, 'listening');
    return started;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Whether new submissions are taken. */
  get isAccepting(): boolean {
    return !this.draining;
  }

  /** Submissions under way. */
  get inFlight(): number {
    return this.underWay;
  }

  /**
   * Accepts no more requests, waits for that long for those that it accepted before, also where their body is still
   * arriving, aborts the rest, and closes.
   */
  async drain(graceMs: number): Promise<void> {
    this.draining = true;
    this.server.closeIdleConnections();
    await this.idle(graceMs);
    this.giveUp.abort(shuttingDown());
    await this.idle(GIVE_UP_MS);
    this.tls?.close();
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async idle(withinMs: number): Promise<void> {
    const isBusy = (): boolean => this.underWay + this.receiving > 0;
    for (const begun = performance.now(); isBusy() && performance.now() - begun < withinMs;) await delay(20);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const begun = performance.now();
    const received = { submissionId: '', args: [] as readonly string[] };
    const end = (
      status: number,
      body: object,
      headers: Record<string, string | number>,
      answered: Partial<Answered>,
    ) => {
      const text = JSON.stringify(body);
      const close = this.draining ? { connection: 'close' } : {};
      response.writeHead(status, {
        ...headers,
        ...close,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      });
      response.end(text);
      const { submissionId } = received;
      this.options.onAnswer?.({ status, submissionId, durationMs: performance.now() - begun, ...answered });
    };
    try {
      const result = await this.serve(request, response, received);
      end(result.duplicate_submission ? 200 : 201, result, {}, { response: result });
    } catch (error) {
      const failure = explainFailure(error, received.args);
      const { status, code, message, retryAfterSeconds } = failure;
      const body: SubmitErrorResponse = {
        submission_id: received.submissionId,
        status,
        error_code: code,
        message,
        timestamp: new Date().toISOString(),
      };
      const headers = {
        ...(status === 405 && { allow: 'POST' }),
        ...(retryAfterSeconds !== undefined && { 'retry-after': retryAfterSeconds }),
      };
      end(status, body, headers, { failure, ...(failure !== error && { cause: error }) });
    }
  }

  private async serve(
    request: IncomingMessage,
    response: ServerResponse,
    received: { submissionId: string; args: readonly string[] },
  ): Promise<SubmitResponse> {
    checkAddressed(request);
    // Only before the body: a request whose body arrives when draining begins has been accepted.
    if (this.draining) throw shuttingDown();
    this.checkRoom();
    const { deadlineMs } = this.limits;
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(tooLate(deadlineMs)), deadlineMs);
    const signal = AbortSignal.any([deadline.signal, this.giveUp.signal]);
    try {
      const body = await this.receive(request, signal);
      // A body takes no place while it arrives: slow clients would keep others out.
      this.checkRoom();
      this.underWay++;
      // Until the response is sent, or the connection is closed.
      finished(response, () => this.underWay--);
      const read = readRequest(body, (submissionId) => (received.submissionId = submissionId));
      received.args = read.spark_submit_args;
      return await this.options.submit(read, signal);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws ProtocolError where no other submission is taken now */
  private checkRoom(): void {
    const { maxConcurrent } = this.limits;
    if (this.underWay < maxConcurrent) return;
    throw tryAgain(`The limit of ${maxConcurrent} concurrent submissions is reached. Try again.`);
  }

  private async receive(request: IncomingMessage, signal: AbortSignal): Promise<Uint8Array> {
    const { maxBodyBytes, bodyTimeoutMs, maxConcurrent } = this.limits;
    const late = new AbortController();
    const tooSlow = tryAgain(`The body did not arrive within ${bodyTimeoutMs / 1_000} s. Try again.`);
    const timer = setTimeout(() => late.abort(tooSlow), bodyTimeoutMs);
    let bytes = 0;
    const keep = (chunk: number): boolean => {
      bytes += chunk;
      this.receivedBytes += chunk;
      return this.receivedBytes <= maxConcurrent * maxBodyBytes;
    };
    this.receiving++;
    try {
      return await readBody(request, { limit: maxBodyBytes, keep, signal: AbortSignal.any([signal, late.signal]) });
    } finally {
      this.receiving--;
      this.receivedBytes -= bytes;
      clearTimeout(timer);
    }
  }
}

/** @throws ProtocolError for a request that is not a submission */
function checkAddressed({ url, method, headers }: IncomingMessage): void {
  if (url?.split('?')[0] !== SUBMIT_PATH) {
    throw new ProtocolError(404, ErrorCode.BadRequest, `Not found; send submissions to ${SUBMIT_PATH}.`);
  }
  if (method !== 'POST') throw new ProtocolError(405, ErrorCode.MethodNotAllowed, 'Send submissions with POST.');
  const type = headers['content-type']?.split(';')[0]!.trim().toLowerCase();
  if (type !== 'application/json' || headers['content-encoding'] !== undefined) {
    const message = 'The body must be application/json, without a content encoding.';
    throw new ProtocolError(415, ErrorCode.UnsupportedMediaType, message);
  }
}

const shuttingDown = (): ProtocolError => tryAgain('The server is shutting down.');

const tooLate = (deadlineMs: number): ProtocolError =>
  new ProtocolError(
    500,
    ErrorCode.InternalServerError,
    `The submission timed out after ${deadlineMs / 1_000} s. To continue it, send it again with the same ID.`,
  );
