import type { Client, Connection, ConnectionOptions } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { SparkClient } from '../client/index.ts';
import { present } from '../validation/present.ts';
import { CliError, ExitCode } from './exit-code.ts';
import type { TemporalFlags } from './flags.ts';
import { helpFor, Symptom } from './output/symptom.ts';
import { refusalOf } from './refusal-of.ts';

const CONNECT_TIMEOUT_MS = 5_000;

export interface Temporal {
  readonly spark: SparkClient;
  readonly client: Client;
  readonly namespace: string;
}

/**
 * Connects, does the work and disconnects. Only the call loads Temporal's client.
 *
 * @throws CliError (unreachable) with the address and the reason
 */
export async function withTemporal<T>(flags: TemporalFlags, work: (temporal: Temporal) => Promise<T>): Promise<T> {
  const [{ Client }, { SparkClient }, config] = await Promise.all([
    import('@temporalio/client'),
    import('../client/index.ts'),
    loadConfig(flags),
  ]);
  const address = checkedAddress(flags.address ?? config.connectionOptions.address ?? 'localhost:7233');
  const namespace = flags.temporalNamespace ?? config.namespace ?? 'default';
  const { clientConnectTimeout: connectTimeout = CONNECT_TIMEOUT_MS, answerTimeout, taskQueue } = flags;
  const connection = await connect({ ...config.connectionOptions, address, connectTimeout }, address);
  try {
    const client = new Client({ connection, namespace });
    const spark = new SparkClient(client, present({ taskQueue, answerTimeoutMs: answerTimeout }));
    return await work({ client, namespace, spark });
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

/** @throws CliError for a URL: its scheme is part of no address of gRPC */
function checkedAddress(address: string): string {
  const [, rest = ''] = /^https?:\/\/(.*?)\/?$/.exec(address) ?? [];
  if (rest === '') return address;
  throw new CliError(
    ExitCode.BadInput,
    `The address ${address} is a URL; Temporal's is host:port. Use ${rest}; for TLS set TEMPORAL_TLS=true.`,
  );
}

/** A connection that is refused is not tried again: only an address that does not answer needs the timeout. */
async function connect(options: ConnectionOptions, address: string): Promise<Connection> {
  const { Connection } = await import('@temporalio/client');
  const over = new AbortController();
  const connecting = Connection.connect(options);
  const refused = refusalOf(address, over.signal);
  try {
    const first = await Promise.race([connecting, refused.then<Connection | string>((why) => why ?? connecting)]);
    if (typeof first !== 'string') return first;
    // The connection is tried on for as long as the timeout lasts.
    connecting.then((late) => late.close()).catch(() => undefined);
    throw unreachable(address, first);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw unreachable(address, reasonOf(error, options.connectTimeout), error);
  } finally {
    over.abort();
  }
}

function reasonOf(error: unknown, timeoutMs: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { details } = cause as { readonly details?: string };
    if (details !== undefined && details !== '') return details;
  }
  return `no answer within ${Number(timeoutMs) / 1000} s`;
}

function unreachable(address: string, why: string, cause?: unknown): CliError {
  return new CliError(
    ExitCode.Unreachable,
    `Temporal at ${address} is not reachable: ${why}.\n` +
      'Check that the server runs (temporal-spark doctor), or set another address with --address, TEMPORAL_ADDRESS or a profile in temporal.toml.\n' +
      `Help: ${helpFor(Symptom.NoTemporal)}`,
    cause,
  );
}

/** As gRPC numbers them. */
const Status = { DeadlineExceeded: 4, PermissionDenied: 7, Unimplemented: 12, Unavailable: 14, Unauthenticated: 16 };

/** gRPC failures of the service itself, which the client passes on unchanged. */
async function explainService(error: unknown, address: string): Promise<CliError | undefined> {
  const { isGrpcServiceError } = await import('@temporalio/client');
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    // An answer that explains itself, such as that no worker took a request.
    if (/^(?:Application|Pipeline|Queue)RequestError$/.test(cause.name)) return undefined;
    if (!isGrpcServiceError(cause)) continue;
    const { code, details } = cause as { code: number; details: string };
    if (code === Status.Unavailable || code === Status.DeadlineExceeded) return unreachable(address, details, error);
    if (code === Status.PermissionDenied || code === Status.Unauthenticated) {
      return new CliError(
        ExitCode.Unreachable,
        `Temporal at ${address} rejected the credentials: ${details}. Check TEMPORAL_API_KEY and TEMPORAL_TLS_*.`,
        error,
      );
    }
    if (code === Status.Unimplemented && /HTTP status/.test(details)) {
      return unreachable(address, `the server there is not a Temporal server (${details})`, error);
    }
  }
  return undefined;
}
