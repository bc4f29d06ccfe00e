/** Times in milliseconds. */
export interface WatchCacheOptions {
  /** How long a view is kept after its last lease was released. @default 5000 */
  readonly lingerMs: number;
  /** How long a watch may be silent before it is restarted; the server sends a bookmark each minute. @default 150000 */
  readonly silenceMs: number;
  /** Delays after a transient failure: the first, doubled with each further one up to the longest. @default 200 to 10000 */
  readonly backoff: { readonly initialDelayMs: number; readonly maxDelayMs: number };
  /** Delay after a failure that only a person can fix; after one that is unproven, the longest. @default 60000 */
  readonly slowDelayMs: number;
}

export const DEFAULT_WATCH_CACHE_OPTIONS: WatchCacheOptions = {
  lingerMs: 5_000,
  silenceMs: 150_000,
  backoff: { initialDelayMs: 200, maxDelayMs: 10_000 },
  slowDelayMs: 60_000,
};
