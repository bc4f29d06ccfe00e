import { DefaultLogger, Runtime, type LogEntry } from '@temporalio/worker';
import { loadWorkerConfiguration, runSparkWorker } from '../../worker.ts';
import { CliError, ExitCode } from '../exit-code.ts';

export interface WorkerOptions {
  readonly logFormat: 'text' | 'json';
  readonly logLevel: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
}

/** Runs a worker until SIGINT or SIGTERM. What it needs to know comes from the environment. */
export async function worker({ logFormat, logLevel }: WorkerOptions): Promise<ExitCode> {
  const configuration = loadWorkerConfiguration();
  const { metricsAddress, taskQueue, temporal, temporalNamespace } = configuration;
  const write = logFormat === 'json' ? jsonLine : textLine;
  Runtime.install({
    logger: new DefaultLogger(logLevel, (entry) => process.stderr.write(`${write(entry)}\n`)),
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(metricsAddress === undefined ? {} : { metrics: { prometheus: { bindAddress: metricsAddress } } }),
    },
  });
  try {
    await runSparkWorker(configuration, {
      onReady: ({ cluster }) =>
        console.log(
          `Polling task queue "${taskQueue}" of Temporal at ${temporal.address}, namespace ${temporalNamespace}; applications run on cluster ${cluster}`,
        ),
    });
  } catch (error) {
    throw explain(error, temporal.address) ?? error;
  }
  return ExitCode.Ok;
}

function explain(error: unknown, address: string): CliError | undefined {
  if (!(error instanceof Error) || error.name !== 'TransportError') return undefined;
  return new CliError(
    ExitCode.Unreachable,
    `Temporal can't be reached at ${address}: ${error.message}\nPoint elsewhere with TEMPORAL_ADDRESS or a profile in temporal.toml.`,
    error,
  );
}

function textLine({ timestampNanos, level, message, meta }: LogEntry): string {
  const facts = Object.entries(meta ?? {})
    .filter(([key]) => !['sdkComponent', 'taskQueue'].includes(key))
    .map(
      ([key, value]) =>
        `${key}=${value instanceof Error ? value.message : typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
  return [time(timestampNanos), level.padEnd(5), message, ...facts].join(' ');
}

function jsonLine({ timestampNanos, level, message, meta }: LogEntry): string {
  const { error, ...rest } = (meta ?? {}) as Record<string, unknown>;
  const failure =
    error instanceof Error ? { error: error.message, stack: error.stack } : error === undefined ? {} : { error };
  return JSON.stringify({ time: time(timestampNanos), level, message, ...rest, ...failure });
}

function time(nanos: bigint): string {
  return new Date(Number(nanos / 1_000_000n)).toISOString();
}
