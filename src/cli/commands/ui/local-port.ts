import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { pipeline, type Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isKubernetesError, KubernetesErrorType } from '../../../kubernetes/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';

export interface LocalPortOptions {
  /** 0 for a free one. */
  readonly port: number;
  /** Opens a connection to what the port is forwarded to; the signal breaks it. */
  readonly connect: (signal: AbortSignal) => Promise<Duplex>;
  /** Reports that connections fail, once until one succeeds again. */
  readonly onTrouble: (problem: string) => void;
  /** How long a local connection waits for one to the pod, in milliseconds. @default 30000 */
  readonly patienceMs?: number;
}

/** Browsers open six. Further ones are refused: each takes a connection to the API server and up to 256 KiB. */
const MAX_CONNECTIONS = 64;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * A port of the loopback interface, each of whose connections is carried by a new one to a pod. One that breaks ends
 * that local connection; the next one connects again, for some time while the API server is not reachable.
 */
export class LocalPort {
  private readonly server: Server;
  private readonly options: LocalPortOptions;
  private readonly sockets = new Set<Socket>();
  private isTroubled = false;

  private constructor(options: LocalPortOptions) {
    this.options = options;
    this.server = createServer((socket) => void this.carry(socket));
    this.server.maxConnections = MAX_CONNECTIONS;
  }

  /** @throws CliError where the port is in use */
  static async open(options: LocalPortOptions): Promise<LocalPort> {
    const local = new LocalPort(options);
    local.server.listen(options.port, '127.0.0.1');
    try {
      await once(local.server, 'listening');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'another process listens on it' : (error as Error).message;
      throw new CliError(
        ExitCode.BadInput,
        `Cannot listen on port ${options.port}: ${why}. Set another with --port, or leave it out for a free one.`,
        error,
      );
    }
    return local;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private async carry(socket: Socket): Promise<void> {
    const over = new AbortController();
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.sockets.delete(socket);
      over.abort();
    });
    try {
      const upstream = await this.connectPatiently(over.signal);
      pipeline(socket, upstream, socket, (error) => this.onEnd(error ?? undefined));
    } catch (error) {
      if (!over.signal.aborted) this.report(error as Error);
      socket.destroy();
    }
  }

  /** @throws the last failure, where no connection is made in time */
  private async connectPatiently(signal: AbortSignal): Promise<Duplex> {
    const until = performance.now() + (this.options.patienceMs ?? 30_000);
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await this.options.connect(signal);
      } catch (error) {
        const isPassing = isKubernetesError(error) && error.retryable;
        if (signal.aborted || !isPassing || performance.now() + pauseMs > until) throw error;
        this.report(error);
        await sleep(pauseMs, undefined, { signal });
      }
    }
  }

  /** Of a connection that was made. The local side may close at any time. */
  private onEnd(error: Error | undefined): void {
    if (error === undefined) this.isTroubled = false;
    else if (isKubernetesError(error) && error.type !== KubernetesErrorType.ClientClosed) this.report(error);
  }

  private report(error: Error): void {
    if (this.isTroubled) return;
    this.isTroubled = true;
    this.options.onTrouble(error.message);
  }
}
