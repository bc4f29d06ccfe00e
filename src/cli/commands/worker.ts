import { Option, type Command } from 'commander';
import type { LogEntry as RuntimeLogEntry } from '@temporalio/worker';
import { CliError, ExitCode } from '../exit-code.ts';
import { logFormatFlag, type CommandContext } from '../flags.ts';
import { missingNamespace, nativeReason } from '../output/native-reason.ts';
import { logLine, type LogEntry, type LogFormat } from '../output/log-lines.ts';

interface WorkerFlags {
  readonly logFormat: LogFormat;
  readonly logLevel: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
}

export function declareWorker(program: Command, { end }: CommandContext): void {
  program
    .command('worker')
    .summary('Run a worker')
    .description('Run a worker until SIGINT or SIGTERM; configured by environment variables (see the README)')
    .addOption(logFormatFlag())
    .addOption(
      new Option('--log-level <level>', 'Lowest level to log')
        .choices(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'])
        .default('WARN'),
    )
    .action(async (flags: WorkerFlags) => end(await worker(flags)));
}

async function worker({ logFormat, logLevel }: WorkerFlags): Promise<ExitCode> {
  const { DefaultLogger, Runtime } = await import('@temporalio/worker');
  const { loadWorkerConfiguration } = await import('../../worker/configuration.ts');
  const { runSparkWorker } = await import('../../worker/run-spark-worker.ts');
  const { prometheusMetrics } = await import('../../worker/prometheus-metrics.ts');
  const configuration = loadWorkerConfiguration();
  const { metricsAddress, taskQueue, temporal, temporalNamespace } = configuration;
  const write = (entry: RuntimeLogEntry) => process.stderr.write(`${logLine(logFormat, entryOf(entry, logFormat))}\n`);
  Runtime.install({
    logger: new DefaultLogger(logLevel, write),
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(metricsAddress === undefined ? {} : { metrics: prometheusMetrics(metricsAddress) }),
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
  const namespace = missingNamespace(error.message);
  if (namespace !== undefined) {
    return new CliError(
      ExitCode.BadInput,
      `Temporal namespace "${namespace}" does not exist at ${address}. Create it (temporal operator namespace create), or set another with TEMPORAL_NAMESPACE.`,
      error,
    );
  }
  return new CliError(
    ExitCode.Unreachable,
    `Temporal at ${address} is not reachable: ${nativeReason(error.message)}.\nSet another address with TEMPORAL_ADDRESS or a profile in temporal.toml.`,
    error,
  );
}

/** The entry; for people without the facts that are the same in every line. */
function entryOf({ timestampNanos, level, message, meta = {} }: RuntimeLogEntry, format: LogFormat): LogEntry {
  const { sdkComponent: _component, taskQueue: _taskQueue, ...facts } = meta as Record<string, unknown>;
  return {
    time: new Date(Number(timestampNanos / 1_000_000n)),
    level,
    message,
    facts: format === 'json' ? meta : facts,
  };
}
