import { DEFAULT_WATCH_CACHE_OPTIONS } from '../cache/watch-cache-options.ts';
import { ApiClient } from './api-client.ts';
import { Connection } from './connection.ts';
import { Credentials } from './credentials.ts';
import { clusterName, loadKubeConfig } from './kubeconfig.ts';
import type { KubernetesClient } from './kubernetes-client.ts';
import type { KubernetesOptions } from './kubernetes-options.ts';
import { DEFAULT_RETRY_POLICY } from './retry.ts';
import { ServerClock } from './server-clock.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_SILENCE_MS = 20_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_CREDENTIALS_TIMEOUT_MS = 60_000;
const DEFAULT_USER_AGENT = 'temporal-spark';

/** @throws KubernetesError of type InvalidConfiguration */
export function createClient(options: KubernetesOptions): KubernetesClient {
  const load = () => loadKubeConfig(options);
  const config = load();
  const context = config.getContextObject(config.getCurrentContext());
  const { silenceMs = DEFAULT_SILENCE_MS, userAgent = DEFAULT_USER_AGENT } = options;
  const { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
  const credentials = new Credentials(config, load, options.credentialsTimeoutMs ?? DEFAULT_CREDENTIALS_TIMEOUT_MS);
  return new ApiClient({
    connection: new Connection(credentials, { silenceMs, connectTimeoutMs, userAgent }),
    clock: new ServerClock(),
    cluster: clusterName(config),
    namespace: context?.namespace ?? 'default',
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    retry: { ...DEFAULT_RETRY_POLICY, ...options.retry },
    watch: { ...DEFAULT_WATCH_CACHE_OPTIONS, ...options.watch },
  });
}
