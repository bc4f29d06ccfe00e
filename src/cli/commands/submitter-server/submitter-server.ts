import { once } from 'node:events';
import type { MetricMeter } from '@temporalio/common';
import { CliError, ExitCode } from '../../exit-code.ts';
import { logLine, type LogFormat } from '../../output/log-lines.ts';
import { startSubmitterServer, type Address } from './start-submitter-server.ts';

export interface SubmitterServerFlags {
  readonly listen: Address;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly clientCa?: string;
  readonly healthAddress?: Address;
  readonly metricsAddress?: string;
  readonly maxConcurrent: number;
  readonly maxBodyKib: number;
  readonly deadlineSeconds: number;
  readonly drainSeconds: number;
  readonly sparkVersion?: string;
  readonly sparkDefaults?: string;
  readonly kubeContext?: string;
  readonly logFormat: LogFormat;
}

/** Serves submissions of the Kubeflow operator until SIGINT or SIGTERM. */
export async function submitterServer(flags: SubmitterServerFlags): Promise<ExitCode> {
  const { listen, healthAddress, metricsAddress, sparkVersion, sparkDefaults, kubeContext, logFormat } = flags;
  const tls = tlsOf(flags);
  const log = (level: string, message: string, facts: Readonly<Record<string, unknown>>) =>
    void process.stderr.write(`${logLine(logFormat, { time: new Date(), level, message, facts })}\n`);
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const metrics = metricsAddress === undefined ? undefined : await serveMetrics(metricsAddress);
  const server = await startSubmitterServer(
    {
      listen,
      limits: {
        maxConcurrent: flags.maxConcurrent,
        maxBodyBytes: flags.maxBodyKib * 1024,
        deadlineMs: flags.deadlineSeconds * 1_000,
      },
      kubernetes: kubeContext === undefined ? {} : { context: kubeContext },
      ...(tls !== undefined && { tls }),
      ...(sparkVersion !== undefined && { sparkVersion }),
      ...(sparkDefaults !== undefined && { sparkDefaultsFile: sparkDefaults }),
      ...(healthAddress !== undefined && { health: healthAddress }),
    },
    { log, ...(metrics !== undefined && { meter: metrics.meter }) },
  );
  const scheme = tls === undefined ? 'http' : tls.clientCaFile === undefined ? 'https' : 'https (mTLS)';
  console.log(
    `Serving submissions by ${scheme} at ${listen.host}, port ${server.port}; drivers go to cluster ${server.cluster}`,
  );
  await stopped;
  log('INFO', 'Stopping; waiting for running submissions.', { seconds: flags.drainSeconds });
  await server.drain(flags.drainSeconds * 1_000);
  await metrics?.close();
  return ExitCode.Ok;
}

function tlsOf({ tlsCert, tlsKey, clientCa }: SubmitterServerFlags) {
  if (tlsCert !== undefined && tlsKey !== undefined) {
    return { certFile: tlsCert, keyFile: tlsKey, ...(clientCa !== undefined && { clientCaFile: clientCa }) };
  }
  const given = Object.entries({ '--tls-cert': tlsCert, '--tls-key': tlsKey, '--client-ca': clientCa });
  if (given.every(([, file]) => file === undefined)) return undefined;
  const missing = given.filter(([name, file]) => name !== '--client-ca' && file === undefined).map(([name]) => name);
  throw new CliError(ExitCode.BadInput, `TLS needs --tls-cert and --tls-key; missing: ${missing.join(', ')}.`);
}

/** Served by Temporal's runtime, as in a worker; it is loaded only for metrics. */
async function serveMetrics(bindAddress: string): Promise<{ meter: MetricMeter; close: () => Promise<void> }> {
  const { Runtime } = await import('@temporalio/worker');
  Runtime.install({
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' } },
      metrics: { prometheus: { bindAddress } },
    },
  });
  const runtime = Runtime.instance();
  return { meter: runtime.metricMeter, close: () => runtime.shutdown() };
}
