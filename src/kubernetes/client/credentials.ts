import type { RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node';
import { withoutTrailing } from '../../validation/trim.ts';
import { configurationFailure } from '../errors/failure.ts';
import { KubernetesErrorType } from '../errors/kubernetes-error.ts';

/** Where the API server is and how its connections are secured; a new object whenever that changes. */
export interface Endpoint {
  readonly origin: string;
  /** What comes before the paths of the API; empty where nothing does. */
  readonly pathPrefix: string;
  readonly tls: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'servername' | 'rejectUnauthorized'>;
  readonly proxyUrl: string | undefined;
  /** The official client's agent for this endpoint. */
  readonly agent: unknown;
}

/** What one request needs: the endpoint and the credentials. */
export interface Access {
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string>>;
}

/** How long headers and certificates are used before they are asked for again, in milliseconds. */
const FRESH_MS = 30_000;
/** Minimum time between a renewal and the next one caused by a 401, in milliseconds. */
const RENEWAL_INTERVAL_MS = 10_000;

/**
 * Credentials of a kubeconfig's current user, kept fresh: token files and certificates are read again, plugins run
 * again when theirs have expired, and the whole configuration is loaded again when the API server refuses them.
 */
export class Credentials {
  private readonly load: () => KubeConfig;
  private config: KubeConfig;
  private access: Access | undefined;
  private endpoint: Endpoint | undefined;
  private readAt = 0;
  private renewedAt = 0;
  private reading: Promise<Access> | undefined;

  /** `load` is asked for the configuration again when the API server refuses these credentials. */
  constructor(config: KubeConfig, load: () => KubeConfig) {
    this.config = config;
    this.load = load;
  }

  /** The API server's, for messages. */
  get address(): string {
    return this.config.getCurrentCluster()!.server;
  }

  /** @throws KubernetesError of type CredentialsUnavailable */
  async current(): Promise<Access> {
    if (this.access !== undefined && Date.now() - this.readAt < FRESH_MS) return this.access;
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  /** After a 401 to these: whether to retry the call with the credentials that `current` then returns. */
  renew(refused: Access): boolean {
    if (this.access !== refused) return true; // another request's 401 was first
    if (Date.now() - this.renewedAt < RENEWAL_INTERVAL_MS) return false;
    this.renewedAt = Date.now();
    this.config = this.load();
    this.access = undefined;
    return true;
  }

  private async read(): Promise<Access> {
    const options: RequestOptions = {};
    try {
      await this.config.applyToHTTPSOptions(options);
    } catch (error) {
      const user = this.config.getCurrentUser()?.name;
      throw configurationFailure(
        KubernetesErrorType.CredentialsUnavailable,
        `Cannot get credentials for kubeconfig user "${user}"`,
        error,
      );
    }
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers ?? {}))
      headers[name.toLowerCase()] = String(value).trim();
    if (typeof options.auth === 'string') {
      headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    }
    const endpoint = endpointOf(this.config, options);
    if (this.endpoint === undefined || !sameEndpoint(this.endpoint, endpoint)) this.endpoint = endpoint;
    this.access = { headers, endpoint: this.endpoint };
    this.readAt = Date.now();
    return this.access;
  }
}

function endpointOf(config: KubeConfig, options: RequestOptions): Endpoint {
  const { server, proxyUrl } = config.getCurrentCluster()!;
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = options;
  const tls = Object.fromEntries(
    Object.entries({ ca, cert, key, passphrase, servername, rejectUnauthorized }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const { origin, pathname } = new URL(server);
  const pathPrefix = withoutTrailing(pathname, '/');
  return { origin, pathPrefix, tls, proxyUrl: proxyUrl ?? undefined, agent: options.agent };
}

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  // Buffers and strings alike compare by content.
  const key = ({ agent: _, ...endpoint }: Endpoint) => JSON.stringify(endpoint);
  return key(a) === key(b);
}
