import { connect } from 'node:net';

/** Through a proxy of these the address need not be reachable from here. */
const PROXIES = ['grpc_proxy', 'https_proxy', 'http_proxy'];

const refusals: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused, nothing listens there',
  ENOTFOUND: 'no such host',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
};

/** Why no connection to `host:port` can be made; undefined where one is made, or where nothing is known so soon. */
export function refusalOf(address: string, signal: AbortSignal): Promise<string | undefined> {
  const [, host, port] = /^(?:\[([^\]]+)\]|[^:/]+):(\d+)$/.exec(address) ?? [];
  const name = host ?? address.replace(/:\d+$/, '');
  if (port === undefined || PROXIES.some((proxy) => (process.env[proxy] ?? '') !== ''))
    return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect({ host: name, port: Number(port) });
    const settle = (why?: string) => {
      socket.destroy();
      resolve(why);
    };
    socket.once('connect', () => settle());
    socket.once('error', (error: NodeJS.ErrnoException) => settle(refusals[codeOf(error) ?? '']));
    signal.addEventListener('abort', () => settle(), { once: true });
  });
}

/** A name with several addresses fails with an error for each. */
function codeOf(error: NodeJS.ErrnoException): string | undefined {
  return error.code ?? (error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException).code : undefined);
}
