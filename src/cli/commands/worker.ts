import { DefaultLogger, Runtime, type LogEntry as RuntimeLogEntry } from '@temporalio/worker';
import { loadWorkerConfiguration, runSparkWorker } from '../../worker.ts';
import { CliError, ExitCode } from '../exit-code.ts';
import { logLine, type LogEntry, type LogFormat } from '../output/log-lines.ts';

export interface WorkerOptions {
  readonly logFormat: LogFormat;
  readonly logLevel: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
}

/** Runs a worker until SIGINT or SIGTERM. What it needs to know comes from the environment. */
export async function worker({ logFormat, logLevel }: WorkerOptions): Promise<ExitCode> {
  const configuration = loadWorkerConfiguration();
  const { metricsAddress, taskQueue, temporal, temporalNamespace } = configuration;
  const write = (entry: RuntimeLogEntry) => process.stderr.write(`${logLine(logFormat, entryOf(entry, logFormat))}\n`);
  Runtime.install({
    logger: new DefaultLogger(logLevel, write),
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

/** Without what is the same in every line, where people read it. */
function entryOf({ timestampNanos, level, message, meta = {} }: RuntimeLogEntry, format: LogFormat): LogEntry {
  const { sdkComponent: _component, taskQueue: _taskQueue, ...facts } = meta as Record<string, unknown>;
  return {
    time: new Date(Number(timestampNanos / 1_000_000n)),
    level,
    message,
    facts: format === 'json' ? meta : facts,
  };
}
