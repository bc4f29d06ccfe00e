import type { Duplex } from 'node:stream';
import type { KubernetesError } from '../errors/kubernetes-error.ts';
import type { KubernetesObject, ObjectMeta } from '../objects.ts';
import type { RetryPolicy } from './retry.ts';

/** A kind of object and where the API server keeps it. */
export interface Resource<T extends KubernetesObject = KubernetesObject> {
  readonly apiVersion: string;
  readonly kind: string;
  /** Plural in the URL. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Part of the object that is addressed instead of the whole, such as `scale`. */
  readonly subresource?: string;
  /** Carries the type only; never set. */
  readonly _type?: T;
}

export interface CallOptions {
  /** Aborts the call, its retries and the wait for a `Retry-After`; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Deadline of one try in milliseconds. @default 30000 */
  readonly timeoutMs?: number;
  /** How often, and how patiently, it is tried again. @default that of the client */
  readonly retry?: Partial<RetryPolicy>;
  /** Called for each failure after which the call is retried, such as a 429. */
  readonly onRetry?: (error: KubernetesError) => void;
}

/** The signal breaks the connection, also once it is there; the deadline is until it is. */
export type ConnectToPodOptions = Pick<CallOptions, 'signal' | 'timeoutMs'>;

export interface PageOptions extends CallOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects a page, at most: a page of 32 MiB and more is asked for again in smaller parts. @default 500 */
  readonly limit?: number;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: T[];
  /** Of the list: where a watch continues. */
  readonly resourceVersion: string;
  /** Names the next page; absent on the last. */
  readonly continueToken: string | undefined;
}

export interface DeleteOptions extends CallOptions {
  /** Only the object with this UID: a namesake that came later is left alone. */
  readonly uid?: string;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly gracePeriodSeconds?: number;
}

export interface CreateOptions extends CallOptions {
  /** Validate and admit on the server, persist nothing. @default false */
  readonly dryRun?: boolean;
  /** What the server does about fields that it does not know. @default "Warn", the server's default */
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
}

export const PatchType = {
  Json: 'application/json-patch+json',
  Merge: 'application/merge-patch+json',
  StrategicMerge: 'application/strategic-merge-patch+json',
} as const;
export type PatchType = (typeof PatchType)[keyof typeof PatchType];

export interface LogOptions extends CallOptions {
  readonly container?: string;
  readonly tailLines?: number;
  /** Without it `logs` fails as ResponseTooLarge where the log has more than 32 MiB; `readLog` has no limit. */
  readonly limitBytes?: number;
  readonly previous?: boolean;
}

export interface ReadLogOptions extends LogOptions {
  /** Read what is written later, until the container ends. @default false */
  readonly follow?: boolean;
  /** Each line begins with its time, RFC 3339 with nanoseconds, and a space. @default false */
  readonly timestamps?: boolean;
  /** Only what was written from then on, RFC 3339; the API server passes on whole seconds. @default the beginning */
  readonly sinceTime?: string;
}

/**
 * One cluster, over one multiplexed HTTP/2 session. Every method rejects with a `KubernetesError`, whose type shows
 * whether a retry can help (`finalityOf`), or with the signal's reason where that was aborted. Transient failures of
 * idempotent calls, every 429 and whatever never reached the server were already tried again.
 */
export interface KubernetesClient {
  /** The cluster as a person knows it: the kubeconfig context, or `in-cluster`. For messages. */
  readonly cluster: string;
  /** The namespace of the kubeconfig context or of the pod's service account. @default "default" */
  readonly namespace: string;

  create<T extends KubernetesObject>(resource: Resource<T>, object: T, options?: CreateOptions): Promise<T>;
  /** The object, or undefined if it does not exist. */
  get<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
    options?: CallOptions,
  ): Promise<T | undefined>;
  /** Pages, so that no more than one is in memory. */
  list<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    options?: PageOptions,
  ): AsyncIterable<T[]>;
  /** One page, for callers that store their position in the list. Fails as Expired where the token is too old. */
  page<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    continueToken: string | undefined,
    options?: PageOptions,
  ): Promise<Page<T>>;
  patch<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
    type: PatchType,
    patch: unknown,
    options?: CallOptions,
  ): Promise<T>;
  /** Resolves to false where the object, or the one with that UID, did not exist. */
  delete<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
    options?: DeleteOptions,
  ): Promise<boolean>;
  /** A pod's log, oldest line first. */
  logs(namespace: string, pod: string, options?: LogOptions): Promise<string>;
  /**
   * A pod's log as bytes, as they come: of any size, and no faster than the reader takes them. A kubelet that fails in
   * the middle writes its error behind the last line.
   */
  readLog(namespace: string, pod: string, options?: ReadLogOptions): AsyncIterable<Buffer>;
  /**
   * What a server in a pod answers to an HTTP GET that comes by way of the API server, up to 1 MiB; takes `get` on
   * `pods/proxy`. Tried once: where it fails it is mostly the pod's doing. `path` begins with `/` and may have a query.
   */
  getFromPod(namespace: string, pod: string, port: number, path: string, options?: CallOptions): Promise<string>;
  /**
   * A connection to a TCP port of a pod, by way of the API server; takes `get` and, from Kubernetes 1.35, `create` on
   * `pods/portforward`. Tried once. The API server accepts it before anything in the pod does: the stream fails with a
   * KubernetesError of type ServerError where nothing listens on the port, of type ConnectionLost after a silence.
   */
  connectToPod(namespace: string, pod: string, port: number, options?: ConnectToPodOptions): Promise<Duplex>;
  /**
   * The time of the API server, in milliseconds since the epoch, to about a second: measured by its responses. The
   * worker's own clock until the first one. What the API server has stamped is compared with this.
   */
  now(): number;
  /** `major.minor` of the API server; doubles as the reachability check. */
  version(options?: CallOptions): Promise<string>;
  /**
   * A live view of the objects a selector matches in one namespace, or in all of them, where their names in the view are
   * `namespace/name`. It is shared by all callers that request the same one and kept while one of them holds it. It
   * survives disconnects, restarts of the API server and expired resource versions.
   */
  watch<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    labelSelector: string,
  ): WatchLease<T>;
  /**
   * The same cluster as another user: one that is impersonated, such as `system:serviceaccount:{namespace}:{name}`
   * (takes the right `impersonate` on it), or the one that a token stands for. The API server grants what that user may,
   * and nothing of what this one may. Closing it ends its views only.
   */
  as(identity: OtherIdentity): KubernetesClient;
  /** A new token of a service account; takes `create` on `serviceaccounts/token`. */
  serviceAccountToken(namespace: string, name: string, options?: TokenOptions): Promise<string>;
  /** Ends all views, and fails what is under way with a `KubernetesError` of type ClientClosed. */
  close(): void;
}

/** Another user than the kubeconfig's: one it impersonates, or one with its own token. */
export type OtherIdentity = { readonly user: string } | { readonly token: string };

export interface TokenOptions extends CallOptions {
  /** How long it is good for; the API server grants no less than 600. @default the API server's, an hour */
  readonly expirationSeconds?: number;
}

export interface WatchLease<T extends KubernetesObject> {
  /**
   * Resolves once the first list is in. Rejects with a `KubernetesError` where it is refused (forbidden, no such
   * resource, …); it is still requested again, slowly. While the API server is unreachable it is pending.
   */
  readonly ready: Promise<void>;
  /** The object as last seen. A hint: what is decided for good is confirmed by a direct `get`. */
  get(name: string): T | undefined;
  /** All objects, or those with this value of a label, which are found without looking at the others. */
  list(where?: { readonly label: string; readonly value: string }): readonly T[];
  /**
   * Calls back at each change, also those found by listing again after a disconnect; returns how to stop. The object
   * is absent when it is gone. With a name, only for the object of that name: many callers that each wait for
   * one object among thousands do not wake each other.
   */
  subscribe(listener: (name: string, object: T | undefined) => void, name?: string): () => void;
  /** Idempotent. The view is kept for some seconds, for the next caller. */
  release(): void;
}

export type { ObjectMeta };
