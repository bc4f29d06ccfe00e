import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { BodyLimit } from '../client/body-limit.ts';
import type { CallOptions, Page, PageOptions, Resource, WatchLease } from '../client/kubernetes-client.ts';
import { linesOf } from '../client/lines.ts';
import type { WatchQuery } from '../client/request.ts';
import { backoffMs } from '../client/retry.ts';
import { failureOfStatus, FailurePoint, failureWithoutResponse } from '../errors/failure.ts';
import {
  Finality,
  finalityOf,
  isKubernetesError,
  KubernetesErrorType,
  type KubernetesCall,
} from '../errors/kubernetes-error.ts';
import type { KubernetesObject } from '../objects.ts';
import { ObjectStore, type NameOf } from './object-store.ts';
import type { WatchCacheOptions } from './watch-cache-options.ts';

/** What a reflector needs of a client. */
export interface WatchSource {
  readonly cluster: string;
  page<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    continueToken: string | undefined,
    options: PageOptions,
  ): Promise<Page<T>>;
  watchStream(
    resource: Resource,
    namespace: string | undefined,
    query: WatchQuery,
    options: CallOptions,
  ): Promise<Readable>;
}

/** What is watched. */
export interface Selection<T extends KubernetesObject> {
  readonly resource: Resource<T>;
  readonly namespace: string | undefined;
  readonly labelSelector: string;
}

interface WatchEvent {
  readonly type: string;
  readonly object: KubernetesObject;
}

/** Keeps a copy of a selection: lists it, watches it from there, and lists it again where the server refuses that. */
export class Reflector<T extends KubernetesObject> {
  private readonly source: WatchSource;
  private readonly selection: Selection<T>;
  private readonly options: WatchCacheOptions;
  private readonly onIdle: () => void;
  private readonly objects: ObjectStore<T>;
  private readonly nameOf: NameOf;
  private readonly stopping = new AbortController();
  private leases = 0;
  private idle: NodeJS.Timeout | undefined;
  private ready = new Gate();
  /** Where the next watch continues; absent where a list comes first. */
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
    this.nameOf = selection.resource.namespaced && selection.namespace === undefined ? nameInCluster : nameInNamespace;
    this.objects = new ObjectStore(this.nameOf);
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

  /** For messages. */
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
        // A refusal is over: the next caller must not wait for another list.
        if (this.ready.failed) this.ready = new Gate();
        this.ready.open();
        await this.watch(this.resourceVersion);
      } catch (error) {
        if (startsOver(error)) this.resourceVersion = undefined;
        else if (isKubernetesError(error) && !error.retryable) {
          this.ready.fail(error);
          // A server that starts refuses for a moment, a missing permission for longer.
          const isUnproven = finalityOf(error.type) === Finality.Unproven;
          delay = isUnproven ? backoffMs(this.failures, { ...backoff, maxDelayMs: slowDelayMs }) : slowDelayMs;
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

  /** Replaces all objects by those listed; returns the list's resource version. */
  private async relist(): Promise<string> {
    try {
      return await this.list({});
    } catch (error) {
      if (!isKubernetesError(error, KubernetesErrorType.Expired)) throw error;
      // All pages have one resource version: if that expires while they are read, one page must hold everything.
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
      // Random, so that many watches that began together are not renewed together.
      { labelSelector, resourceVersion: from, timeoutSeconds: Math.round(240 + Math.random() * 240) },
      { signal: this.stopping.signal },
    );
    const silence = setTimeout(() => stream.destroy(new Error('silent')), this.options.silenceMs);
    try {
      for await (const line of linesOf(stream, BodyLimit.Objects)) {
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
    if (version === undefined) return;
    if (isOlder(version, this.resourceVersion!)) throw new ServerWentBack();
    if (type === 'ADDED' || type === 'MODIFIED') this.objects.set(this.nameOf(object), trimmed(object as T));
    else if (type === 'DELETED') this.objects.delete(this.nameOf(object));
    // Last, so that listeners see the change before the version is used.
    this.resourceVersion = version;
  }
}

const nameInNamespace: NameOf = ({ metadata }) => metadata!.name!;
const nameInCluster: NameOf = ({ metadata }) => `${metadata!.namespace}/${metadata!.name}`;

/** The watch returned an older version than one already seen: only a new list is reliable. */
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

/** Drops fields that are not read here and are often half of an object. */
function trimmed<T extends KubernetesObject>(object: T): T {
  const { metadata } = object;
  if (metadata !== undefined) {
    delete metadata.managedFields;
    delete metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'];
  }
  return object;
}

/** A promise that may be left without a handler. */
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
