import type { Client, Connection, ConnectionOptions } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { SparkClient } from '../client/index.ts';
import { CliError, ExitCode } from './exit-code.ts';
import type { TemporalFlags } from './flags.ts';

const CONNECT_TIMEOUT_MS = 5_000;

export interface Temporal {
  readonly spark: SparkClient;
  readonly client: Client;
  readonly namespace: string;
}

/**
 * Connects, does the work and disconnects. Only the call loads Temporal's client.
 *
 * @throws CliError (unreachable) with the address
 */
export async function withTemporal<T>(flags: TemporalFlags, work: (temporal: Temporal) => Promise<T>): Promise<T> {
  const [{ Client }, { SparkClient }, config] = await Promise.all([
    import('@temporalio/client'),
    import('../client/index.ts'),
    loadConfig(flags),
  ]);
  const address = flags.address ?? config.connectionOptions.address ?? 'localhost:7233';
  const namespace = flags.namespace ?? config.namespace ?? 'default';
  const { clientConnectTimeout: connectTimeout = CONNECT_TIMEOUT_MS } = flags;
  const connection = await connect({ ...config.connectionOptions, address, connectTimeout }, address);
  try {
    const client = new Client({ connection, namespace });
    const { taskQueue } = flags;
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

async function loadConfig({ profile }: TemporalFlags): Promise<ClientConnectConfig> {
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  try {
    return loadClientConnectConfig(profile === undefined ? {} : { profile });
  } catch (error) {
    throw new CliError(
      ExitCode.BadInput,
      `The configuration of the Temporal client is not valid: ${(error as Error).message}`,
      error,
    );
  }
}

async function connect(options: ConnectionOptions, address: string): Promise<Connection> {
  const { Connection } = await import('@temporalio/client');
  try {
    return await Connection.connect(options);
  } catch (error) {
    throw unreachable(address, error);
  }
}

function unreachable(address: string, cause: unknown): CliError {
  return new CliError(
    ExitCode.Unreachable,
    `Temporal at ${address} is not reachable.\n` +
      'Check that the server runs, or set another address with --address, TEMPORAL_ADDRESS or a profile in temporal.toml.',
    cause,
  );
}

/** gRPC failures of the service itself, which the client passes on unchanged. */
async function explainService(error: unknown, address: string): Promise<CliError | undefined> {
  const { isGrpcServiceError } = await import('@temporalio/client');
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!isGrpcServiceError(cause)) continue;
    const { code, details } = cause as { code: number; details: string };
    if (code === 14 || code === 4) return unreachable(address, error);
    if (code === 7 || code === 16) {
      return new CliError(
        ExitCode.Unreachable,
        `Temporal at ${address} rejected the credentials: ${details}. Check TEMPORAL_API_KEY and TEMPORAL_TLS_*.`,
        error,
      );
    }
  }
  return undefined;
}
