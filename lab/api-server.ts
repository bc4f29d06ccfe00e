import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { parse } from 'yaml';

/** An answer other than 2xx. */
export class ApiServerError extends Error {
  readonly type = 'LabApiServerError';
  override readonly name = 'ApiServerError';
  readonly status: number;

  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path}: HTTP status ${status}: ${body.slice(0, 500)}`);
    this.status = status;
  }
}

interface Kubeconfig {
  readonly clusters: readonly { cluster: { server: string; 'certificate-authority-data': string } }[];
  readonly users: readonly { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

/** Plain requests to a lab's own API server, for what the lab itself and its tests set up. */
export class ApiServer {
  readonly #server: string;
  readonly #agent: Agent;

  private constructor(server: string, agent: Agent) {
    this.#server = server;
    this.#agent = agent;
  }

  /** Takes a kubeconfig as `writeKubeconfig` writes it: everything embedded, one context. */
  static async connect(kubeconfigFile: string): Promise<ApiServer> {
    const config = parse(await readFile(kubeconfigFile, 'utf8')) as Kubeconfig;
    const [{ cluster } = fail(kubeconfigFile)] = config.clusters;
    const [{ user } = fail(kubeconfigFile)] = config.users;
    const agent = new Agent({
      keepAlive: true,
      ca: Buffer.from(cluster['certificate-authority-data'], 'base64'),
      cert: Buffer.from(user['client-certificate-data'], 'base64'),
      key: Buffer.from(user['client-key-data'], 'base64'),
    });
    return new ApiServer(cluster.server, agent);
  }

  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return JSON.parse(await this.text('GET', path, undefined, signal)) as T;
  }

  async create<T>(path: string, object: unknown, signal?: AbortSignal): Promise<T> {
    return JSON.parse(await this.text('POST', path, object, signal)) as T;
  }

  async delete(path: string, signal?: AbortSignal): Promise<void> {
    await this.text('DELETE', path, undefined, signal);
  }

  /** The answer's body. A body of the request is sent as JSON. @throws ApiServerError */
  async text(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<string> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.#server}${path}`,
        {
          method,
          agent: this.#agent,
          headers: payload === undefined ? {} : { 'content-type': contentType(method) },
          ...(signal === undefined ? {} : { signal }),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const status = response.statusCode ?? 0;
            if (status >= 200 && status < 300) resolve(text);
            else reject(new ApiServerError(method, path, status, text));
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function contentType(method: string): string {
  return method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
}

function fail(file: string): never {
  throw new Error(`${file} has no cluster or no user.`);
}
