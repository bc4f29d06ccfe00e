import type { KubernetesObject, ObjectMeta } from './objects.ts';

/** A kind of object and where the API server keeps it. */
export interface Resource<T extends KubernetesObject = KubernetesObject> {
  readonly apiVersion: string;
  readonly kind: string;
  /** Plural in the URL. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Carries the type only; never set. */
  readonly _type?: T;
}

export interface CallOptions {
  /** Gives up the call, its retries and the wait for a `Retry-After`. */
  readonly signal?: AbortSignal;
  /** Deadline of one try in milliseconds. @default 30000 */
  readonly timeoutMs?: number;
}

export interface ListOptions extends CallOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects a page. @default 500 */
  readonly limit?: number;
}

export interface DeleteOptions extends CallOptions {
  /** Only the object with this UID: a namesake that came later is left alone. */
  readonly uid?: string;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly gracePeriodSeconds?: number;
}

export interface CreateOptions extends CallOptions {
  /** Validate and admit on the server, persist nothing. */
  readonly dryRun?: boolean;
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
  readonly limitBytes?: number;
  readonly previous?: boolean;
}

/**
 * One cluster, over one multiplexed HTTP/2 session. Every method rejects with a `KubernetesError`, whose type says
 * whether another try can help; transient failures of idempotent calls, and every 429, were already tried again.
 */
export interface KubernetesClient {
  /** The cluster as a person knows it: the kubeconfig context, or `in-cluster`. For messages. */
  readonly cluster: string;
  /** The namespace of the kubeconfig context or of the pod's service account. @default "default" */
  readonly namespace: string;

  create<T extends KubernetesObject>(resource: Resource<T>, object: T, options?: CreateOptions): Promise<T>;
  /** The object, or undefined where there is none. */
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
    options?: ListOptions,
  ): AsyncIterable<T[]>;
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
  /** The log as it is written, until the container ends or the signal aborts. */
  followLogs(namespace: string, pod: string, options?: LogOptions): AsyncIterable<string>;
  /** `major.minor` of the API server; doubles as the reachability check. */
  version(options?: CallOptions): Promise<string>;
  /**
   * A live view of the objects a selector matches in one namespace, shared by all who ask for the same one and kept
   * while somebody holds it.
   */
  watch<T extends KubernetesObject>(resource: Resource<T>, namespace: string, labelSelector: string): WatchLease<T>;
  close(): void;
}

export interface WatchLease<T extends KubernetesObject> {
  /** Resolves once the first list is in; rejects where it can't be had (forbidden, …). */
  readonly ready: Promise<void>;
  /** The object as last seen. A hint: what is decided for good is confirmed by a direct `get`. */
  get(name: string): T | undefined;
  list(): readonly T[];
  /** Calls back at each change, and after each reconnect; returns how to stop. The object is absent when it is gone. */
  subscribe(listener: (name: string, object: T | undefined) => void): () => void;
  release(): void;
}

export type { ObjectMeta };
