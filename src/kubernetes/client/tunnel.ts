import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';

export interface Tunnel {
  readonly host: string;
  readonly port: number;
  /** `http:`, `https:` or `socks*:`, with the user and password in it where the proxy wants them. */
  readonly proxyUrl: string;
  /** The official client's agent for a SOCKS proxy. */
  readonly agent: unknown;
  readonly timeoutMs: number;
}

/** A connection to the host by way of a proxy. */
export async function openTunnel(tunnel: Tunnel): Promise<Socket> {
  return tunnel.proxyUrl.startsWith('socks') ? openSocksTunnel(tunnel) : openHttpTunnel(tunnel);
}

/** The part of the official client's SOCKS agent that is used. */
interface SocksAgent {
  connect(
    request: http.ClientRequest,
    options: { host: string; port: number; secureEndpoint: boolean },
  ): Promise<Socket>;
}

async function openSocksTunnel({ host, port, agent }: Tunnel): Promise<Socket> {
  // It emits an event on the request and destroys it on a timeout, which never occurs, because we use our own transport.
  const request = { emit: () => true, destroy: () => undefined } as unknown as http.ClientRequest;
  return (agent as SocksAgent).connect(request, { host, port, secureEndpoint: false });
}

async function openHttpTunnel({ host, port, proxyUrl, timeoutMs }: Tunnel): Promise<Socket> {
  const { protocol, hostname, port: proxyPort, username, password, host: shown } = new URL(proxyUrl);
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const secure = protocol === 'https:';
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request({
      method: 'CONNECT',
      host: hostname,
      port: proxyPort || (secure ? 443 : 80),
      path: authority,
      headers: {
        host: authority,
        ...(username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
      },
      agent: false,
      timeout: timeoutMs,
    });
    request
      .once('connect', ({ statusCode }, socket) => {
        if (statusCode === 200) return resolve(socket);
        socket.destroy();
        reject(new Error(`proxy ${shown} answered ${statusCode} to CONNECT ${authority}`));
      })
      .once('timeout', () => request.destroy(new Error(`proxy ${shown} did not answer within ${timeoutMs} ms`)))
      .once('error', (error) => reject(new Error(`proxy ${shown}: ${error.message}`, { cause: error })))
      .end();
  });
}
