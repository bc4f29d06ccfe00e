import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { errors, type Dispatcher } from 'undici';
import { FailurePoint, failureWithoutResponse } from '../errors/failure.ts';
import type { KubernetesCall } from '../errors/kubernetes-error.ts';
import { BodyLimit } from './body-limit.ts';

export interface ApiResponse<Body = string> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
}

export interface ExchangeOptions {
  readonly call: KubernetesCall;
  /** Where the API server is, for messages. */
  readonly address: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
  /** Longest body of a success, in bytes, unless it is a stream. */
  readonly limitBytes: number;
}

export function isSuccess({ status }: { readonly status: number }): boolean {
  return status >= 200 && status < 300;
}

/** One request and its answer. Settles on its own deadline and signal, also while it still waits for a connection. */
export abstract class Exchange<Body> implements Dispatcher.DispatchHandler {
  readonly response: Promise<ApiResponse<Body>>;
  protected resolve!: (response: ApiResponse<Body>) => void;
  protected reject!: (error: unknown) => void;
  protected readonly options: ExchangeOptions;
  private readonly deadline: NodeJS.Timeout;
  private controller: Dispatcher.DispatchController | undefined;
  private failure: Error | undefined;
  private readBytes = 0;
  private limitBytes = Infinity;

  constructor(options: ExchangeOptions) {
    this.options = options;
    this.response = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.deadline = setTimeout(() => this.fail(FailurePoint.Deadline, `${options.timeoutMs} ms`), options.timeoutMs);
    options.signal?.addEventListener('abort', this.onAbort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.failure !== undefined) controller.abort(this.failure);
  }

  abstract onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void;

  abstract onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void;

  abstract onResponseEnd(): void;

  onResponseError(_controller: unknown, cause: Error): void {
    if (cause instanceof errors.ClientDestroyedError) this.fail(FailurePoint.Closed);
    else this.fail(this.controller === undefined ? FailurePoint.BeforeSending : FailurePoint.AfterSending, cause);
  }

  /** Whether the caller still waits for it. */
  get wanted(): boolean {
    return this.failure === undefined;
  }

  fail(point: FailurePoint, cause?: unknown): void {
    if (this.wanted) this.giveUp(failureWithoutResponse(this.options.call, point, this.options.address, cause));
  }

  /** Fails with the reason unchanged, and notifies the server. */
  giveUp(reason: unknown): void {
    if (!this.wanted) return;
    this.finish();
    this.failure = reason instanceof Error ? reason : new Error(String(reason));
    this.reject(reason);
    this.onFailure(this.failure);
    this.controller?.abort(this.failure);
  }

  protected onFailure(_failure: Error): void {}

  /** Of the body whose status has arrived. */
  protected limitBody(bytes: number): void {
    this.limitBytes = bytes;
  }

  /** Whether the body, with this chunk, is within its limit; else the response is aborted. */
  protected takes(chunk: Buffer): boolean {
    this.readBytes += chunk.length;
    if (this.readBytes <= this.limitBytes) return true;
    this.fail(FailurePoint.TooLarge, `${this.limitBytes} bytes`);
    return false;
  }

  protected disarmDeadline(): void {
    clearTimeout(this.deadline);
  }

  protected finish(): void {
    clearTimeout(this.deadline);
    this.options.signal?.removeEventListener('abort', this.onAbort);
  }

  private readonly onAbort = (): void => this.giveUp(this.options.signal?.reason);
}

/** Resolves with the whole body. */
export class WholeExchange extends Exchange<string> {
  private readonly chunks: Buffer[] = [];
  private status = 0;
  private headers: IncomingHttpHeaders = {};

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.status = status;
    this.headers = headers;
    this.limitBody(isSuccess({ status }) ? this.options.limitBytes : BodyLimit.Answer);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.takes(chunk)) this.chunks.push(chunk);
  }

  protected override onFailure(): void {
    this.chunks.length = 0;
  }

  onResponseEnd(): void {
    this.finish();
    const [first] = this.chunks;
    const body = this.chunks.length === 1 ? first!.toString() : Buffer.concat(this.chunks).toString();
    this.resolve({ status: this.status, headers: this.headers, body });
  }
}

/** Resolves at the headers, with the body as it comes: the deadline ends there, the signal still applies. */
export class StreamExchange extends Exchange<Readable> {
  private readonly body = new Readable({
    read: () => this.flow?.resume(),
    destroy: (error, done) => {
      if (!this.ended) this.giveUp(error ?? 'the reader stopped');
      done(error);
    },
  });
  private flow: Dispatcher.DispatchController | undefined;
  private ended = false;

  constructor(options: ExchangeOptions) {
    super(options);
    // A reader sees the error; but it may occur before anything reads, and must not end the process.
    this.body.on('error', () => undefined);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.flow = controller;
    // A refusal is short, and is read to its end.
    if (isSuccess({ status })) this.disarmDeadline();
    else this.limitBody(BodyLimit.Answer);
    this.resolve({ status, headers, body: this.body });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.takes(chunk) && !this.body.push(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.ended = true;
    this.finish();
    this.body.push(null);
  }

  protected override onFailure(failure: Error): void {
    this.ended = true;
    this.body.destroy(failure);
  }
}
