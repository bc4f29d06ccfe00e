import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  PatchType,
  type CallOptions,
  type CreateOptions,
  type DeleteOptions,
  type KubernetesClient,
  type ListOptions,
  type LogOptions,
  type OtherIdentity,
  type Page,
  type Resource,
  type TokenOptions,
  type WatchLease,
} from './kubernetes-client.ts';
import { Connection, type ApiRequest } from './connection.ts';
import { Credentials } from './credentials.ts';
import type { ApiResponse } from './exchange.ts';
import { failureOfResponse, type FailedResponse } from '../errors/failure.ts';
import { clusterName, loadKubeConfig } from './kubeconfig.ts';
import {
  isKubernetesError,
  KubernetesErrorType,
  type KubernetesCall,
  type KubernetesError,
} from '../errors/kubernetes-error.ts';
import type { KubernetesOptions } from './kubernetes-options.ts';
import type { KubernetesObject } from '../objects.ts';
import { Resources } from './resources.ts';
import { DEFAULT_RETRY_POLICY, retrying, type RetryPolicy } from './retry.ts';
import { DEFAULT_WATCH_CACHE_OPTIONS, WatchCaches, type WatchCacheOptions } from '../cache/watch-cache.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_SILENCE_MS = 20_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_PAGE_SIZE = 500;
const DEFAULT_USER_AGENT = 'temporal-spark';

/** @throws KubernetesError of type InvalidConfiguration */
export function createClient(options: KubernetesOptions): KubernetesClient {
  const load = () => loadKubeConfig(options);
  const config = load();
  const context = config.getContextObject(config.getCurrentContext());
  const { silenceMs = DEFAULT_SILENCE_MS, userAgent = DEFAULT_USER_AGENT } = options;
  const { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
  return new ApiClient({
    connection: new Connection(new Credentials(config, load), { silenceMs, connectTimeoutMs, userAgent }),
    cluster: clusterName(config),
    namespace: context?.namespace ?? 'default',
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    retry: { ...DEFAULT_RETRY_POLICY, ...options.retry },
    watch: { ...DEFAULT_WATCH_CACHE_OPTIONS, ...options.watch },
  });
}

export interface ApiClientOptions {
  readonly connection: Connection;
  readonly cluster: string;
  readonly namespace: string;
  /** Deadline of one try in milliseconds, where a call names none. */
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly watch: WatchCacheOptions;
  /** As whom. @default who the credentials stand for */
  readonly identity?: OtherIdentity;
}

interface Request extends Pick<ApiRequest, 'method' | 'path' | 'body' | 'contentType'> {
  readonly verb: string;
  /** Plural, and the subresource where there is one. */
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** Whether doing it twice is the same as doing it once. */
  readonly idempotent: boolean;
}

/** The calls, over one connection: paths, retries, errors. */
export class ApiClient implements KubernetesClient {
  readonly cluster: string;
  readonly namespace: string;
  private readonly options: ApiClientOptions;
  private readonly connection: Connection;
  private readonly timeoutMs: number;
  private readonly retry: RetryPolicy;
  private readonly caches: WatchCaches;

  constructor(options: ApiClientOptions) {
    const { connection, cluster, namespace, timeoutMs, retry, watch } = options;
    this.options = options;
    this.connection = connection;
    this.cluster = cluster;
    this.namespace = namespace;
    this.timeoutMs = timeoutMs;
    this.retry = retry;
    this.caches = new WatchCaches(this, watch);
  }

  async create<T extends KubernetesObject>(
    resource: Resource<T>,
    object: T,
    { dryRun, fieldValidation, ...options }: CreateOptions = {},
  ): Promise<T> {
    const namespace = resource.namespaced ? (object.metadata?.namespace ?? this.namespace) : undefined;
    const query = { dryRun: dryRun === true ? 'All' : undefined, fieldValidation };
    return this.json<T>(
      {
        verb: 'create',
        method: 'POST',
        resource: resource.plural,
        namespace,
        name: object.metadata?.name,
        path: pathOf(resource, namespace, undefined, query),
        body: JSON.stringify(object),
        idempotent: dryRun === true,
      },
      options,
    );
  }

  async get<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
    options: CallOptions = {},
  ): Promise<T | undefined> {
    const path = pathOf(resource, namespace, name);
    const request = { verb: 'get', method: 'GET', resource: resource.plural, namespace, name, path } as const;
    return unlessNotFound(this.json<T>({ ...request, idempotent: true }, options));
  }

  async *list<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    options: ListOptions = {},
  ): AsyncIterable<T[]> {
    let token: string | undefined;
    do {
      const page = await this.page(resource, namespace, token, options).catch((error: unknown) => {
        // The rest of the list as it is by now: each object that was there all along is still seen once.
        const fresh = continueTokenOf(error);
        if (token === undefined || fresh === undefined) throw error;
        return this.page(resource, namespace, fresh, options);
      });
      yield page.items;
      token = page.continueToken;
    } while (token !== undefined);
  }

  async page<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    continueToken: string | undefined,
    { labelSelector, fieldSelector, limit = DEFAULT_PAGE_SIZE, ...options }: ListOptions = {},
  ): Promise<Page<T>> {
    const query = { limit, labelSelector, fieldSelector, continue: continueToken };
    const path = pathOf(resource, namespace, undefined, query);
    const request = { verb: 'list', method: 'GET', resource: resource.plural, namespace, path } as const;
    const { items, metadata } = await this.json<ObjectList<T>>({ ...request, idempotent: true }, options);
    // The items of a list do not say what they are.
    for (const item of items) {
      item.apiVersion ??= resource.apiVersion;
      item.kind ??= resource.kind;
    }
    return { items, resourceVersion: metadata.resourceVersion, continueToken: metadata.continue || undefined };
  }

  async patch<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
    type: PatchType,
    patch: unknown,
    options: CallOptions = {},
  ): Promise<T> {
    return this.json<T>(
      {
        verb: 'patch',
        method: 'PATCH',
        resource: resource.plural,
        namespace,
        name,
        path: pathOf(resource, namespace, name),
        body: JSON.stringify(patch),
        contentType: type,
        idempotent: type !== PatchType.Json,
      },
      options,
    );
  }

  async delete<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
    { uid, propagationPolicy, gracePeriodSeconds, ...options }: DeleteOptions = {},
  ): Promise<boolean> {
    const body = { propagationPolicy, gracePeriodSeconds, preconditions: uid === undefined ? undefined : { uid } };
    const request = { verb: 'delete', method: 'DELETE', resource: resource.plural, namespace, name } as const;
    const deleting = this.json(
      { ...request, path: pathOf(resource, namespace, name), body: JSON.stringify(body), idempotent: true },
      options,
    );
    try {
      return (await unlessNotFound(deleting)) !== undefined;
    } catch (error) {
      // The only precondition is the UID: its conflict means that ours is gone.
      if (uid !== undefined && isKubernetesError(error, KubernetesErrorType.Conflict)) return false;
      throw error;
    }
  }

  async logs(namespace: string, pod: string, options: LogOptions = {}): Promise<string> {
    const request = logRequest(namespace, pod, options, false);
    return (await this.retrying(request, options, (complete) => this.connection.send(complete))).body;
  }

  async *followLogs(namespace: string, pod: string, options: LogOptions = {}): AsyncIterable<string> {
    const body = await this.open(logRequest(namespace, pod, options, true), options);
    body.setEncoding('utf8');
    yield* body as AsyncIterable<string>;
  }

  async getFromPod(
    namespace: string,
    pod: string,
    port: number,
    path: string,
    options: CallOptions = {},
  ): Promise<string> {
    const proxy = pathOf(Resources.pods, namespace, `${pod}:${port}`, {}, 'proxy');
    const request = { verb: 'get', method: 'GET', resource: 'pods/proxy', namespace, name: pod } as const;
    const complete = { ...request, path: `${proxy}${path}`, idempotent: false };
    return (await this.retrying(complete, options, (each) => this.connection.send(each))).body;
  }

  async version(options: CallOptions = {}): Promise<string> {
    const request = { verb: 'get', method: 'GET', resource: 'version', path: '/version', idempotent: true } as const;
    const { major, minor } = await this.json<{ major: string; minor: string }>(request, options);
    return `${major}.${minor}`;
  }

  watch<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    labelSelector: string,
  ): WatchLease<T> {
    return this.caches.lease(resource, namespace, labelSelector);
  }

  /** The events of a watch, one JSON document a line. */
  async watchStream(
    resource: Resource,
    namespace: string | undefined,
    query: { readonly labelSelector: string; readonly resourceVersion: string; readonly timeoutSeconds: number },
    options: CallOptions,
  ): Promise<Readable> {
    const path = pathOf(resource, namespace, undefined, { ...query, watch: true, allowWatchBookmarks: true });
    const request = { verb: 'watch', method: 'GET', resource: resource.plural, namespace, path } as const;
    return this.open({ ...request, idempotent: true }, options);
  }

  as(identity: OtherIdentity): KubernetesClient {
    return new ApiClient({ ...this.options, identity });
  }

  async serviceAccountToken(
    namespace: string,
    name: string,
    { expirationSeconds, ...options }: TokenOptions = {},
  ): Promise<string> {
    const resource = { ...Resources.serviceAccounts, subresource: 'token' };
    const { status } = await this.json<{ status: { token: string } }>(
      {
        verb: 'create',
        method: 'POST',
        resource: 'serviceaccounts/token',
        namespace,
        name,
        path: pathOf(resource, namespace, name),
        body: JSON.stringify({
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { expirationSeconds },
        }),
        idempotent: true,
      },
      options,
    );
    return status.token;
  }

  close(): void {
    this.caches.close();
    if (this.options.identity === undefined) this.connection.close();
  }

  private async json<T>(request: Request, options: CallOptions): Promise<T> {
    const response = await this.retrying(request, options, (complete) => this.connection.send(complete));
    try {
      return JSON.parse(response.body) as T;
    } catch {
      throw failureOfResponse(this.callOf(request), response);
    }
  }

  private async open(request: Request, options: CallOptions): Promise<Readable> {
    const { body } = await this.retrying(request, options, async (complete) => {
      const response = await this.connection.stream(complete);
      return isSuccess(response) ? response : { ...response, body: await text(response.body) };
    });
    return body as Readable;
  }

  /** @throws KubernetesError for any answer that is not a success */
  private async retrying<R extends ApiResponse<unknown>>(
    { idempotent, ...request }: Request,
    { signal, timeoutMs = this.timeoutMs, onRetry }: CallOptions,
    send: (request: ApiRequest) => Promise<R>,
  ): Promise<R> {
    const call = this.callOf(request);
    const { method, path, body, contentType } = request;
    const { identity } = this.options;
    const complete = { call, method, path, body, contentType, signal, timeoutMs, identity };
    return retrying(
      async () => {
        const response = await send(complete);
        if (isSuccess(response)) return response;
        throw failureOfResponse(call, response as FailedResponse);
      },
      (error): error is KubernetesError => mayRetry(error, idempotent),
      this.retry,
      signal,
      onRetry,
    );
  }

  private callOf({ verb, resource, namespace, name }: Omit<Request, 'idempotent'>): KubernetesCall {
    return { verb, resource, namespace, name, cluster: this.cluster };
  }
}

interface ObjectList<T> {
  readonly items: T[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

function isSuccess({ status }: { readonly status: number }): boolean {
  return status >= 200 && status < 300;
}

const NOT_PROCESSED: ReadonlySet<KubernetesErrorType> = new Set([
  KubernetesErrorType.CredentialsUnavailable,
  KubernetesErrorType.Unreachable,
  KubernetesErrorType.TooManyRequests,
]);

const PERHAPS_PROCESSED: ReadonlySet<KubernetesErrorType> = new Set([
  KubernetesErrorType.ConnectionLost,
  KubernetesErrorType.Timeout,
  KubernetesErrorType.ServerError,
]);

/** Whether a try that failed may be followed by another: a call that twice is not as good as once only where nothing was done. */
function mayRetry(error: unknown, idempotent: boolean): error is KubernetesError {
  if (!isKubernetesError(error)) return false;
  const { type, status, retryAfterMs, verb, message } = error;
  if (NOT_PROCESSED.has(type) || (idempotent && PERHAPS_PROCESSED.has(type))) return true;
  // A server that says when to come back has not begun.
  if (status === 503 && retryAfterMs !== undefined) return true;
  // Many who create at once compete for the namespace's quota; those who lose have created nothing.
  return type === KubernetesErrorType.Conflict && verb === 'create' && message.includes('resourcequotas');
}

async function unlessNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isKubernetesError(error, KubernetesErrorType.NotFound)) return undefined;
    throw error;
  }
}

/** The token with which the server lets a list go on whose own has expired. */
function continueTokenOf(error: unknown): string | undefined {
  return isKubernetesError(error, KubernetesErrorType.Expired) ? error.continueToken : undefined;
}

function logRequest(namespace: string, pod: string, options: LogOptions, follow: boolean): Request {
  const { container, tailLines, limitBytes, previous } = options;
  const query = { container, tailLines, limitBytes, previous, follow: follow || undefined };
  const path = pathOf(Resources.pods, namespace, pod, query, 'log');
  return { verb: 'get', method: 'GET', resource: 'pods/log', namespace, name: pod, path, idempotent: true };
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

function pathOf(
  { apiVersion, plural, namespaced, subresource: ofResource }: Resource,
  namespace: string | undefined,
  name?: string,
  query: Query = {},
  subresource: string | undefined = ofResource,
): string {
  const segments = [
    ...(apiVersion.includes('/') ? ['apis', ...apiVersion.split('/')] : ['api', apiVersion]),
    ...(namespaced && namespace !== undefined ? ['namespaces', namespace] : []),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  const parameters = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : `${key}=${encodeURIComponent(value)}`,
  );
  const search = parameters.length === 0 ? '' : `?${parameters.join('&')}`;
  return `/${segments.map(encodeURIComponent).join('/')}${search}`;
}
