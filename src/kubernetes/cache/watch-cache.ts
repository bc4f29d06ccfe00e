import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions, ListOptions, Resource, WatchLease } from '../client/kubernetes-client.ts';
import { failureOfStatus, FailurePoint, failureWithoutResponse } from '../errors/failure.ts';
import { isKubernetesError, KubernetesErrorType, type KubernetesCall } from '../errors/kubernetes-error.ts';
import { linesOf } from '../client/lines.ts';
import { ObjectStore } from './object-store.ts';
import type { KubernetesObject } from '../objects.ts';
import { backoffMs } from '../client/retry.ts';

/** What a watch cache asks of a client. */
export interface WatchSource {
  readonly cluster: string;
  page<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    continueToken: string | undefined,
    options: ListOptions,
  ): Promise<{ readonly items: T[]; readonly resourceVersion: string; readonly continueToken: string | undefined }>;
  watchStream(
    resource: Resource,
    namespace: string | undefined,
    query: { readonly labelSelector: string; readonly resourceVersion: string; readonly timeoutSeconds: number },
    options: CallOptions,
  ): Promise<Readable>;
}

/** Times in milliseconds. */
export interface WatchCacheOptions {
  /** How long a view stays up after its last lease was released. @default 5000 */
  readonly lingerMs: number;
  /** How long a watch may be silent before it is begun again; the server sends a bookmark each minute. @default 150000 */
  readonly silenceMs: number;
  /** Delays after a transient failure: the first, doubled with each further one up to the longest. @default 200 to 10000 */
  readonly backoff: { readonly initialDelayMs: number; readonly maxDelayMs: number };
  /** Delay after a failure that only a person can mend. @default 60000 */
  readonly slowDelayMs: number;
}

export const DEFAULT_WATCH_CACHE_OPTIONS: WatchCacheOptions = {
  lingerMs: 5_000,
  silenceMs: 150_000,
  backoff: { initialDelayMs: 200, maxDelayMs: 10_000 },
  slowDelayMs: 60_000,
};

/** The views of one client: one reflector for all who watch the same resource, namespace and selector. */
export class WatchCaches {
  private readonly source: WatchSource;
  private readonly options: WatchCacheOptions;
  private readonly reflectors = new Map<string, Reflector<KubernetesObject>>();
  private closed = false;

  constructor(source: WatchSource, options: WatchCacheOptions) {
    this.source = source;
    this.options = options;
  }

  lease<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    labelSelector: string,
  ): WatchLease<T> {
    if (resource.namespaced && namespace === undefined) {
      throw new TypeError(`A view of ${resource.plural} is of one namespace, since it finds them by name.`);
    }
    const key = JSON.stringify([resource.apiVersion, resource.plural, namespace, labelSelector]);
    let reflector = this.reflectors.get(key) as Reflector<T> | undefined;
    if (reflector === undefined) {
      const onIdle = () => this.reflectors.delete(key);
      reflector = new Reflector(this.source, { resource, namespace, labelSelector }, this.options, onIdle);
      this.reflectors.set(key, reflector as unknown as Reflector<KubernetesObject>);
    }
    if (this.closed) reflector.stop();
    return reflector.lease();
  }

  close(): void {
    this.closed = true;
    for (const reflector of [...this.reflectors.values()]) reflector.stop();
  }
}

interface Selection<T extends KubernetesObject> {
  readonly resource: Resource<T>;
  readonly namespace: string | undefined;
  readonly labelSelector: string;
}

interface WatchEvent {
  readonly type: string;
  readonly object: KubernetesObject;
}

/** Keeps a selection as the API server has it: lists, watches from there, and starts over where that is refused. */
class Reflector<T extends KubernetesObject> {
  private readonly source: WatchSource;
  private readonly selection: Selection<T>;
  private readonly options: WatchCacheOptions;
  private readonly onIdle: () => void;
  private readonly objects = new ObjectStore<T>();
  private readonly stopping = new AbortController();
  private leases = 0;
  private idle: NodeJS.Timeout | undefined;
  private ready = new Gate();
  /** Where the next watch goes on; absent where a list is due. */
  private resourceVersion: string | undefined;
  /** Rounds in a row that brought nothing new. */
  private failures = 0;
  /** Ends a delay early. */
  private wake = (): void => undefined;

  constructor(source: WatchSource, selection: Selection<T>, options: WatchCacheOptions, onIdle: () => void) {
    this.source = source;
    this.selection = selection;
    this.options = options;
    this.onIdle = onIdle;
    void this.run();
  }

  lease(): WatchLease<T> {
    this.leases++;
    clearTimeout(this.idle);
    if (this.ready.failed && !this.stopping.signal.aborted) {
      this.ready = new Gate();
      this.wake();
    }
    const subscriptions = new Set<() => void>();
    let released = false;
    return {
      ready: this.ready.promise,
      get: (name) => this.objects.get(name),
      list: (where) => this.objects.list(where),
      subscribe: (listener, name) => {
        const unsubscribe = this.objects.subscribe(listener, name);
        subscriptions.add(unsubscribe);
        return () => {
          subscriptions.delete(unsubscribe);
          unsubscribe();
        };
      },
      release: () => {
        if (released) return;
        released = true;
        for (const unsubscribe of subscriptions) unsubscribe();
        this.leases--;
        if (this.leases === 0) this.idle = setTimeout(() => this.stop(), this.options.lingerMs);
      },
    };
  }

  stop(): void {
    clearTimeout(this.idle);
    const stopped = failureWithoutResponse(this.call, FailurePoint.Closed, '', undefined);
    this.stopping.abort(stopped);
    this.ready.fail(stopped);
    this.onIdle();
  }

  /** What is asked for, for messages. */
  private get call(): KubernetesCall {
    const { resource, namespace } = this.selection;
    return { verb: 'watch', resource: resource.plural, namespace, cluster: this.source.cluster };
  }

  private async run(): Promise<void> {
    const { backoff, slowDelayMs } = this.options;
    while (!this.stopping.signal.aborted) {
      let delay = backoffMs(this.failures, backoff);
      this.failures++; // until something new arrives
      try {
        this.resourceVersion ??= await this.relist();
        this.ready.open();
        await this.watch(this.resourceVersion);
      } catch (error) {
        if (startsOver(error)) this.resourceVersion = undefined;
        else if (isKubernetesError(error) && !error.retryable) {
          this.ready.fail(error);
          delay = slowDelayMs;
        }
      }
      await this.pause(delay);
    }
  }

  private async pause(ms: number): Promise<void> {
    const woken = new AbortController();
    this.wake = () => woken.abort();
    const signal = AbortSignal.any([woken.signal, this.stopping.signal]);
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }

  /** Replaces all objects by those listed; resolves to the list's resource version. */
  private async relist(): Promise<string> {
    try {
      return await this.list({});
    } catch (error) {
      if (!isKubernetesError(error, KubernetesErrorType.Expired)) throw error;
      // The pages of a list are of one resource version: where reading them takes too long for that, all at once.
      return this.list({ limit: 0 });
    }
  }

  private async list(limit: { readonly limit?: number }): Promise<string> {
    const { resource, namespace, labelSelector } = this.selection;
    const options = { labelSelector, signal: this.stopping.signal, ...limit };
    const items: T[] = [];
    let token: string | undefined;
    for (;;) {
      const page = await this.source.page(resource, namespace, token, options);
      for (const item of page.items) items.push(trimmed(item));
      token = page.continueToken;
      if (token === undefined) {
        this.objects.replace(items);
        return page.resourceVersion;
      }
    }
  }

  /** Applies events until the server ends the watch. */
  private async watch(from: string): Promise<void> {
    const { resource, namespace, labelSelector } = this.selection;
    const stream = await this.source.watchStream(
      resource,
      namespace,
      // Spread out, so that many watches begun together are not renewed together.
      { labelSelector, resourceVersion: from, timeoutSeconds: Math.round(240 + Math.random() * 240) },
      { signal: this.stopping.signal },
    );
    const silence = setTimeout(() => stream.destroy(new Error('silent')), this.options.silenceMs);
    try {
      for await (const line of linesOf(stream)) {
        silence.refresh();
        this.apply(JSON.parse(line) as WatchEvent);
        this.failures = 0;
      }
    } finally {
      clearTimeout(silence);
    }
  }

  private apply({ type, object }: WatchEvent): void {
    if (type === 'ERROR') throw failureOfStatus(this.call, object);
    const version = object.metadata?.resourceVersion;
    const name = object.metadata?.name;
    if (version === undefined) return;
    if (isOlder(version, this.resourceVersion!)) throw new ServerWentBack();
    if (type === 'ADDED' || type === 'MODIFIED') this.objects.set(name!, trimmed(object as T));
    else if (type === 'DELETED') this.objects.delete(name!);
    // Last, so that a listener sees the change before anyone can build on the version.
    this.resourceVersion = version;
  }
}

/** What has been watched is older than what was seen before: only a list tells what holds. */
class ServerWentBack extends Error {}

function startsOver(error: unknown): boolean {
  return (
    error instanceof ServerWentBack ||
    isKubernetesError(error, KubernetesErrorType.Expired) ||
    (isKubernetesError(error) && error.causes.some(({ reason }) => reason === 'ResourceVersionTooLarge'))
  );
}

/** Resource versions are decimal numbers without leading zeros, too large for a double. */
function isOlder(version: string, than: string): boolean {
  return version.length === than.length ? version < than : version.length < than.length;
}

/** Drops what nobody reads and is often half of an object. */
function trimmed<T extends KubernetesObject>(object: T): T {
  const { metadata } = object;
  if (metadata !== undefined) {
    delete metadata.managedFields;
    delete metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'];
  }
  return object;
}

/** A promise to wait at; nobody has to. */
class Gate {
  readonly promise: Promise<void>;
  failed = false;
  open!: () => void;
  private reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.open = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => undefined);
  }

  fail(error: Error): void {
    this.failed = true;
    this.reject(error);
  }
}
