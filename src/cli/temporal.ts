import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SparkClient } from '../client/index.ts';
import { CliError, ExitCode } from './exit-code.ts';

/** Options that say where Temporal is, and how long to wait for it; what is absent comes from the environment and temporal.toml. */
export interface TemporalOptions {
  readonly address?: string;
  readonly namespace?: string;
  readonly profile?: string;
  readonly taskQueue?: string;
  /** Milliseconds. @default 5000 */
  readonly clientConnectTimeout?: number;
}

const CONNECT_TIMEOUT_MS = 5_000;

export interface Temporal {
  readonly spark: SparkClient;
  readonly client: Client;
  readonly namespace: string;
}

/** Connects, does the work and disconnects. @throws CliError (unreachable) with the address */
export async function withTemporal<T>(options: TemporalOptions, work: (temporal: Temporal) => Promise<T>): Promise<T> {
  const config = loadConfig(options);
  const address = options.address ?? config.connectionOptions.address ?? 'localhost:7233';
  const namespace = options.namespace ?? config.namespace ?? 'default';
  const { clientConnectTimeout: connectTimeout = CONNECT_TIMEOUT_MS } = options;
  const connection = await connect({ ...config.connectionOptions, address, connectTimeout }, address);
  try {
    const client = new Client({ connection, namespace });
    const { taskQueue } = options;
    return await work({
      client,
      namespace,
      spark: new SparkClient(client, taskQueue === undefined ? {} : { taskQueue }),
    });
  } catch (error) {
    throw (await explainService(error, address)) ?? error;
  } finally {
    await connection.close();
  }
}

function loadConfig({ profile }: TemporalOptions): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig(profile === undefined ? {} : { profile });
  } catch (error) {
    throw new CliError(
      ExitCode.BadInput,
      `The configuration of Temporal can't be used: ${(error as Error).message}`,
      error,
    );
  }
}

async function connect(options: Parameters<typeof Connection.connect>[0], address: string): Promise<Connection> {
  try {
    return await Connection.connect(options);
  } catch (error) {
    throw unreachable(address, error);
  }
}

function unreachable(address: string, cause: unknown): CliError {
  return new CliError(
    ExitCode.Unreachable,
    `Temporal can't be reached at ${address}.\n` +
      'Is the server up? Point elsewhere with --address, TEMPORAL_ADDRESS or a profile in temporal.toml.',
    cause,
  );
}

/** gRPC's failures of the service itself, which the client passes on as they are. */
async function explainService(error: unknown, address: string): Promise<CliError | undefined> {
  const { isGrpcServiceError } = await import('@temporalio/client');
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!isGrpcServiceError(cause)) continue;
    const { code, details } = cause as { code: number; details: string };
    if (code === 14 || code === 4) return unreachable(address, error);
    if (code === 7 || code === 16) {
      return new CliError(
        ExitCode.Unreachable,
        `Temporal at ${address} refused the credentials: ${details}. See TEMPORAL_API_KEY and TEMPORAL_TLS_*.`,
        error,
      );
    }
  }
  return undefined;
}
