import type { Duplex, Readable } from 'node:stream';
import { WatchCaches } from '../cache/watch-cache.ts';
import type { WatchCacheOptions } from '../cache/watch-cache-options.ts';
import { isKubernetesError, KubernetesErrorType } from '../errors/kubernetes-error.ts';
import type { KubernetesObject } from '../objects.ts';
import type {
  CallOptions,
  ConnectToPodOptions,
  CreateOptions,
  DeleteOptions,
  KubernetesClient,
  LogOptions,
  OtherIdentity,
  Page,
  PageOptions,
  PatchType,
  ReadLogOptions,
  Resource,
  TokenOptions,
  WatchLease,
} from './kubernetes-client.ts';
import { getPage, listPages } from './paging.ts';
import {
  createRequest,
  deleteRequest,
  getRequest,
  logRequest,
  patchRequest,
  podProxyRequest,
  tokenRequest,
  VERSION_REQUEST,
  watchRequest,
  type WatchQuery,
} from './request.ts';
import { RequestSender, type RequestSenderOptions } from './request-sender.ts';

export interface ApiClientOptions extends RequestSenderOptions {
  readonly namespace: string;
  readonly watch: WatchCacheOptions;
}

/** The calls of a client, over one connection. */
export class ApiClient implements KubernetesClient {
  readonly cluster: string;
  readonly namespace: string;
  private readonly options: ApiClientOptions;
  private readonly sender: RequestSender;
  private readonly caches: WatchCaches;

  constructor(options: ApiClientOptions) {
    this.options = options;
    this.cluster = options.cluster;
    this.namespace = options.namespace;
    this.sender = new RequestSender(options);
    this.caches = new WatchCaches(this, options.watch);
  }

  async create<T extends KubernetesObject>(resource: Resource<T>, object: T, options: CreateOptions = {}): Promise<T> {
    const namespace = resource.namespaced ? (object.metadata?.namespace ?? this.namespace) : undefined;
    return this.sender.json<T>(createRequest(resource, namespace, object, options), options);
  }

  async get<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
    options: CallOptions = {},
  ): Promise<T | undefined> {
    return unlessNotFound(this.sender.json<T>(getRequest(resource, namespace, name), options));
  }

  list<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    options: PageOptions = {},
  ): AsyncIterable<T[]> {
    return listPages(this.sender, resource, namespace, options);
  }

  async page<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    continueToken: string | undefined,
    options: PageOptions = {},
  ): Promise<Page<T>> {
    return getPage(this.sender, resource, namespace, continueToken, options);
  }

  async patch<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
    type: PatchType,
    patch: unknown,
    options: CallOptions = {},
  ): Promise<T> {
    return this.sender.json<T>(patchRequest(resource, namespace, name, type, patch), options);
  }

  async delete<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions = {},
  ): Promise<boolean> {
    const request = deleteRequest(resource, namespace, name, options);
    try {
      return (await unlessNotFound(this.sender.json(request, options))) !== undefined;
    } catch (error) {
      // The only precondition is the UID: its conflict means that ours is gone.
      if (options.uid !== undefined && isKubernetesError(error, KubernetesErrorType.Conflict)) return false;
      throw error;
    }
  }

  async logs(namespace: string, pod: string, options: LogOptions = {}): Promise<string> {
    return this.sender.text(logRequest(namespace, pod, options), options);
  }

  async *readLog(namespace: string, pod: string, options: ReadLogOptions = {}): AsyncIterable<Buffer> {
    yield* (await this.sender.stream(logRequest(namespace, pod, options), options)) as AsyncIterable<Buffer>;
  }

  async getFromPod(
    namespace: string,
    pod: string,
    port: number,
    path: string,
    options: CallOptions = {},
  ): Promise<string> {
    return this.sender.text(podProxyRequest(namespace, pod, port, path), options);
  }

  async connectToPod(
    namespace: string,
    pod: string,
    port: number,
    { signal, timeoutMs = this.options.timeoutMs }: ConnectToPodOptions = {},
  ): Promise<Duplex> {
    const { connection, cluster, identity } = this.options;
    const call = { verb: 'create', resource: 'pods/portforward', namespace, name: pod, cluster };
    return connection.openPodPort({ call, port, signal, timeoutMs, identity });
  }

  now(): number {
    return this.options.clock.now();
  }

  async version(options: CallOptions = {}): Promise<string> {
    const { major, minor } = await this.sender.json<{ major: string; minor: string }>(VERSION_REQUEST, options);
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
    query: WatchQuery,
    options: CallOptions,
  ): Promise<Readable> {
    return this.sender.stream(watchRequest(resource, namespace, query), options);
  }

  as(identity: OtherIdentity): KubernetesClient {
    return new ApiClient({ ...this.options, identity });
  }

  async serviceAccountToken(namespace: string, name: string, options: TokenOptions = {}): Promise<string> {
    const request = tokenRequest(namespace, name, options);
    const { status } = await this.sender.json<{ status: { token: string } }>(request, options);
    return status.token;
  }

  close(): void {
    this.caches.close();
    if (this.options.identity === undefined) this.options.connection.close();
  }
}

async function unlessNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isKubernetesError(error, KubernetesErrorType.NotFound)) return undefined;
    throw error;
  }
}
