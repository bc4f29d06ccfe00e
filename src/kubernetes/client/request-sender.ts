import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { confirmBy } from '../errors/confirmation.ts';
import { failureOfPod, failureOfResponse, type FailedResponse } from '../errors/failure.ts';
import {
  isKubernetesError,
  KubernetesErrorType,
  type KubernetesCall,
  type KubernetesError,
} from '../errors/kubernetes-error.ts';
import { BodyLimit } from './body-limit.ts';
import type { ApiRequest, Connection } from './connection.ts';
import { isSuccess, type ApiResponse } from './exchange.ts';
import type { CallOptions, OtherIdentity } from './kubernetes-client.ts';
import type { ResourceRequest } from './request.ts';
import type { ServerClock } from './server-clock.ts';
import { retrying, type RetryPolicy } from './retry.ts';
import { secondOpinion } from './second-opinion.ts';

export interface RequestSenderOptions {
  readonly connection: Connection;
  /** Of the API server; measured by each of its responses. */
  readonly clock: ServerClock;
  /** As a person knows it, for messages. */
  readonly cluster: string;
  /** Deadline of one try in milliseconds, where a call names none. */
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  /** User that makes it. @default the user of the credentials */
  readonly identity?: OtherIdentity;
}

/** Sends requests over one connection, retries those that may be retried, and throws a KubernetesError for the rest. */
export class RequestSender {
  private readonly options: RequestSenderOptions;

  constructor(options: RequestSenderOptions) {
    this.options = options;
  }

  /** The object in the body of the response. */
  async json<T>(request: ResourceRequest, options: CallOptions): Promise<T> {
    const response = await this.completeResponse(request, options);
    try {
      return JSON.parse(response.body) as T;
    } catch {
      throw failureOfResponse(this.callOf(request), response);
    }
  }

  /** The body of the response. */
  async text(request: ResourceRequest, options: CallOptions): Promise<string> {
    return (await this.completeResponse(request, options)).body;
  }

  /** The body of the response, as soon as its headers have arrived. */
  async stream(request: ResourceRequest, options: CallOptions): Promise<Readable> {
    const { body } = await this.retrying(request, options, async (complete) => {
      const response = await this.options.connection.stream(complete);
      return isSuccess(response) ? response : { ...response, body: await text(response.body) };
    });
    return body as Readable;
  }

  private completeResponse(request: ResourceRequest, options: CallOptions): Promise<ApiResponse> {
    return this.retrying(request, options, (complete) => this.options.connection.send(complete));
  }

  /** @throws KubernetesError for any response that is not a success */
  private async retrying<R extends ApiResponse<unknown>>(
    request: ResourceRequest,
    { signal, timeoutMs = this.options.timeoutMs, retry: retryOfCall, onRetry }: CallOptions,
    send: (request: ApiRequest) => Promise<R>,
  ): Promise<R> {
    const call = this.callOf(request);
    const { method, path, body, contentType, idempotent, limitBytes = BodyLimit.Objects, ofPod = false } = request;
    const { identity, retry, clock } = this.options;
    const complete = { call, method, path, body, contentType, signal, timeoutMs, limitBytes, identity, ofPod };
    return retrying(
      async () => {
        const sentAt = performance.now();
        const response = await send(complete);
        if (!ofPod) clock.measure(response.headers.date, sentAt);
        if (isSuccess(response)) return response;
        const refusal = (ofPod ? failureOfPod : failureOfResponse)(call, response as FailedResponse);
        confirmBy(refusal, () => secondOpinion(this, refusal, request));
        throw refusal;
      },
      (error): error is KubernetesError => mayRetry(error, idempotent) && !(ofPod && error.status !== undefined),
      { ...retry, ...retryOfCall },
      signal,
      onRetry,
    );
  }

  private callOf({ verb, resource, namespace, name }: ResourceRequest): KubernetesCall {
    return { verb, resource, namespace, name, cluster: this.options.cluster };
  }
}

const NOT_PROCESSED: ReadonlySet<KubernetesErrorType> = new Set([
  KubernetesErrorType.CredentialsUnavailable,
  KubernetesErrorType.Unreachable,
  KubernetesErrorType.TooManyRequests,
  KubernetesErrorType.ServerNotReady,
]);

const PERHAPS_PROCESSED: ReadonlySet<KubernetesErrorType> = new Set([
  KubernetesErrorType.ConnectionLost,
  KubernetesErrorType.Timeout,
  KubernetesErrorType.ServerError,
]);

/** Whether a failed request may be retried: one that is not idempotent only where the server has done nothing. */
function mayRetry(error: unknown, idempotent: boolean): error is KubernetesError {
  if (!isKubernetesError(error)) return false;
  const { type, status, retryAfterMs, verb, message } = error;
  if (NOT_PROCESSED.has(type) || (idempotent && PERHAPS_PROCESSED.has(type))) return true;
  // A server that names the time of the next try has not processed this one.
  if (status === 503 && retryAfterMs !== undefined) return true;
  // Concurrent creates compete for the namespace's quota; those that lose have created nothing.
  return type === KubernetesErrorType.Conflict && verb === 'create' && message.includes('resourcequotas');
}
