/**
 * For `SparkClient.logs`, and for archives of your own: the connection to a cluster, the archive, and the port of its
 * store. Loads no native core.
 *
 * @module
 */
export { connectKubernetes, isKubernetesError, KubernetesError, KubernetesErrorType } from './kubernetes/index.ts';
export type { KubernetesClient, KubernetesOptions } from './kubernetes/index.ts';
export { ArchivedLogs, LogNotFoundError, LogSource, openLogArchive } from './logs/index.ts';
export type {
  ArchiveStore,
  FindLogOptions,
  FoundLog,
  LogArchiveOptions,
  ReadOptions,
  StoredObject,
} from './logs/index.ts';
