export { PatchType } from './client/kubernetes-client.ts';
export type {
  CallOptions,
  ConnectToPodOptions,
  CreateOptions,
  DeleteOptions,
  KubernetesClient,
  PageOptions,
  LogOptions,
  OtherIdentity,
  Page,
  ReadLogOptions,
  Resource,
  TokenOptions,
  WatchLease,
} from './client/kubernetes-client.ts';
export { connectKubernetes } from './client/connect.ts';
export { FinalizerRemoval, removeFinalizer, type FinalizerTarget } from './finalizer.ts';
export { EventRecorder } from './events/event-recorder.ts';
export { aboutObject, recordEvent, type ObjectEvent } from './events/record-event.ts';
export { Opinion, opinionOn } from './errors/confirmation.ts';
export {
  Finality,
  finalityOf,
  isKubernetesError,
  KubernetesError,
  KubernetesErrorType,
  type KubernetesErrorCause,
  type KubernetesErrorOptions,
} from './errors/kubernetes-error.ts';
export type { KubernetesOptions } from './client/kubernetes-options.ts';
export type * from './objects.ts';
export { resourceOf, Resources } from './client/resources.ts';
export type { RetryPolicy } from './client/retry.ts';
export type { WatchCacheOptions } from './cache/watch-cache-options.ts';
