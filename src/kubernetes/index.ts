export { PatchType } from './client.ts';
export type {
  CallOptions,
  CreateOptions,
  DeleteOptions,
  KubernetesClient,
  ListOptions,
  LogOptions,
  OtherIdentity,
  Page,
  Resource,
  TokenOptions,
  WatchLease,
} from './client.ts';
export { connectKubernetes } from './connect.ts';
export { FinalizerRemoval, removeFinalizer, type FinalizerTarget } from './finalizer.ts';
export {
  isKubernetesError,
  KubernetesError,
  KubernetesErrorType,
  type KubernetesErrorCause,
  type KubernetesErrorOptions,
} from './kubernetes-error.ts';
export type { KubernetesOptions } from './kubernetes-options.ts';
export type * from './objects.ts';
export { resourceOf, Resources } from './resources.ts';
export type { RetryPolicy } from './retry.ts';
export type { WatchCacheOptions } from './watch-cache.ts';
