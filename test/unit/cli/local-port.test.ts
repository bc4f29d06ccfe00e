import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../../lab/eventually.ts';
import { LocalPort, type LocalPortOptions } from '../../../src/cli/commands/ui/local-port.ts';
import { KubernetesError, KubernetesErrorType } from '../../../src/kubernetes/index.ts';

interface Forwarded {
  readonly local: LocalPort;
  readonly troubles: readonly string[];
  /** The connections at the other side. */
  readonly accepted: readonly Socket[];
  /** A connection to the local port. */
  readonly dial: () => Socket;
}

/** A local port that is forwarded to an echo server, with what comes before each connection. */
async function forwarded(
  before: (signal: AbortSignal) => Promise<void> = async () => undefined,
  options: Partial<LocalPortOptions> = {},
): Promise<Forwarded> {
  const accepted: Socket[] = [];
  const echo = createServer((socket) => accepted.push(socket.on('error', () => undefined)) && socket.pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const troubles: string[] = [];
  const local = await LocalPort.open({
    port: 0,
    connect: async (signal) => {
      await before(signal);
      return connect((echo.address() as AddressInfo).port, '127.0.0.1');
    },
    onTrouble: (problem) => troubles.push(problem),
    ...options,
  });
  onTestFinished(() => {
    local.close();
    echo.close();
    for (const socket of accepted) socket.destroy();
  });
  return { local, troubles, accepted, dial: () => connect(local.port, '127.0.0.1').on('error', () => undefined) };
}

async function echoed(socket: Socket, word: string): Promise<string> {
  socket.write(word);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString();
}

const unreachable = () =>
  new KubernetesError({ type: KubernetesErrorType.Unreachable, message: 'no API server can be reached' });

it('carries each local connection by one of its own', async () => {
  const { dial, accepted } = await forwarded();
  const [first, second] = [dial(), dial()];
  expect(await Promise.all([echoed(first, 'one'), echoed(second, 'two')])).toEqual(['one', 'two']);
  expect(accepted).toHaveLength(2);
  first.destroy();
  await eventually('the other side to close', () => accepted.some(({ destroyed }) => destroyed), { intervalMs: 10 });
  expect(await echoed(second, 'still')).toBe('still');
});

it('ends the local connection when the forward breaks, and carries the next one', async () => {
  const { dial, accepted } = await forwarded();
  const first = dial();
  await echoed(first, 'one');
  accepted[0]!.destroy();
  await once(first, 'close');
  expect(await echoed(dial(), 'two')).toBe('two');
});

it('waits for an API server that is not reachable, and reports that once', async () => {
  let failures = 3;
  const { dial, troubles } = await forwarded(async () => {
    if (failures-- > 0) throw unreachable();
  });
  expect(await echoed(dial(), 'late')).toBe('late');
  expect(troubles).toEqual(['no API server can be reached']);
});

it('closes a local connection that the API server refuses, or for which it is away too long', async () => {
  let failure: Error = new KubernetesError({ type: KubernetesErrorType.Forbidden, message: 'not allowed' });
  const { dial, troubles } = await forwarded(() => Promise.reject(failure), { patienceMs: 0 });
  expect(await text(dial())).toBe('');
  failure = unreachable();
  expect(await text(dial())).toBe('');
  expect(troubles).toEqual(['not allowed']);
});

it('gives up a connection that its browser no longer wants', async () => {
  const asked: AbortSignal[] = [];
  const { dial, troubles } = await forwarded((signal) => {
    asked.push(signal);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  });
  const socket = dial();
  await eventually('it to be asked for', () => asked.length === 1, { intervalMs: 10 });
  socket.destroy();
  await eventually('it to be given up', () => asked[0]!.aborted, { intervalMs: 10 });
  expect(troubles).toEqual([]);
});

it('carries at most 64 connections', async () => {
  const { dial, accepted } = await forwarded();
  const sockets = Array.from({ length: 70 }, dial);
  const closed: unknown[] = [];
  for (const socket of sockets) socket.once('close', () => closed.push(socket));
  await eventually('64 to be carried and 6 closed', () => accepted.length === 64 && closed.length === 6);
  for (const socket of sockets) socket.destroy();
});

it('names a port that is in use, with what to do', async () => {
  const { local } = await forwarded();
  await expect(forwarded(undefined, { port: local.port })).rejects.toThrow(
    `Cannot listen on port ${local.port}: another process listens on it. Set another with --port, or leave it out`,
  );
});
