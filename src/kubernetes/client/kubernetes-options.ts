import type { KubeConfigSource } from './kubeconfig.ts';
import type { RetryPolicy } from './retry.ts';
import type { WatchCacheOptions } from '../cache/watch-cache-options.ts';

/** How to reach one cluster. */
export interface KubernetesOptions extends KubeConfigSource {
  /** How transient failures are tried again. */
  readonly retry?: Partial<RetryPolicy>;
  /** Deadline of one try in milliseconds, where a call names none. @default 30000 */
  readonly timeoutMs?: number;
  /** How long a connection, or a tunnel through a proxy, may take to be there, in milliseconds. @default 10000 */
  readonly connectTimeoutMs?: number;
  /**
   * How long a credential plugin, or what else gives credentials, may take, in milliseconds; a plugin that runs for
   * longer is killed, and started again by the next call. @default 60000
   */
  readonly credentialsTimeoutMs?: number;
  /**
   * Milliseconds without any response after which a connection counts as broken; a PING is sent every quarter of
   * that. @default 20000
   */
  readonly silenceMs?: number;
  readonly watch?: Partial<WatchCacheOptions>;
  /** Its first word is the field manager of what we change. @default "temporal-spark" */
  readonly userAgent?: string;
}
