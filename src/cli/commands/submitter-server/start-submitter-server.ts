import { readFileSync } from 'node:fs';
import type { MetricMeter } from '@temporalio/common';
import { connectKubernetes, type KubernetesOptions } from '../../../kubernetes/index.ts';
import {
  SubmissionServer,
  submitterOf,
  type Answered,
  type SubmissionLimits,
  type TlsFiles,
} from '../../../submitter-server/index.ts';
import { serveHealth, type HealthServer } from '../../../worker/health.ts';

export interface Address {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

/** The configuration of a submitter server. */
export interface SubmitterServerConfiguration {
  readonly listen: Address;
  /** @default plain HTTP */
  readonly tls?: TlsFiles;
  readonly limits?: SubmissionLimits;
  /** @default the kubeconfig of the environment, or the pod's service account */
  readonly kubernetes?: KubernetesOptions;
  /** Spark version where neither the driver's annotation nor the tag of its image has it. */
  readonly sparkVersion?: string;
  /** `spark-defaults.conf` for submissions with --load-spark-defaults; read for each. */
  readonly sparkDefaultsFile?: string;
  /** Address of `/readyz` and `/livez`. @default none */
  readonly health?: Address;
}

export interface SubmitterServerHooks {
  /** Writes a log line: names and the answer, no other values of the request. */
  readonly log?: (level: 'INFO' | 'WARN' | 'ERROR', message: string, facts: Readonly<Record<string, unknown>>) => void;
  /** Counts answers. @default none */
  readonly meter?: MetricMeter;
}

export interface RunningSubmitterServer {
  readonly port: number;
  readonly healthPort: number | undefined;
  /** Name of the cluster. */
  readonly cluster: string;
  /** Rejects new submissions, waits at most so many milliseconds for running ones, and closes everything. */
  drain(graceMs: number): Promise<void>;
}

/**
 * Serves the Kubeflow operator's REST submitter protocol until it is drained.
 *
 * @throws KubernetesError where the cluster is not reachable; Error where the address or the TLS files cannot be used
 */
export async function startSubmitterServer(
  configuration: SubmitterServerConfiguration,
  { log = () => {}, meter }: SubmitterServerHooks = {},
): Promise<RunningSubmitterServer> {
  const { listen, tls, limits, sparkVersion, sparkDefaultsFile } = configuration;
  const kubernetes = await connectKubernetes(configuration.kubernetes);
  let server: SubmissionServer | undefined;
  let health: HealthServer | undefined;
  try {
    await kubernetes.version();
    const count = meter === undefined ? () => {} : counting(meter);
    server = await SubmissionServer.start({
      ...listen,
      ...(tls !== undefined && { tls }),
      ...(limits !== undefined && { limits }),
      submit: submitterOf(kubernetes, {
        ...(sparkVersion !== undefined && { sparkVersion }),
        ...(sparkDefaultsFile !== undefined && { readDefaults: () => readFileSync(sparkDefaultsFile, 'utf8') }),
      }),
      onAnswer: (answered) => {
        count(answered);
        logAnswer(answered, log);
      },
      onReload: (error) =>
        error === undefined
          ? log('INFO', 'Reloaded the certificates.', {})
          : log('ERROR', 'Keeping the previous certificates.', { error }),
      onRefusedConnection: (error) => log('WARN', 'Rejected a connection.', { error: error.message }),
    });
    const accepting = server;
    health =
      configuration.health &&
      (await serveHealth({
        ...configuration.health,
        checks: {
          dependencies: { kubernetes: (signal) => kubernetes.version({ signal }) },
          takesWork: { submissions: () => accepting.isAccepting },
        },
      }));
  } catch (error) {
    await server?.drain(0);
    kubernetes.close();
    throw error;
  }
  const serving = server;
  return {
    port: serving.port,
    healthPort: health?.port,
    cluster: kubernetes.cluster,
    async drain(graceMs) {
      await serving.drain(graceMs);
      await health?.close();
      kubernetes.close();
    },
  };
}

function logAnswer(
  { status, durationMs, submissionId, response, failure, cause }: Answered,
  log: NonNullable<SubmitterServerHooks['log']>,
): void {
  const facts = { submissionId, status, durationMs: Math.round(durationMs) };
  if (response !== undefined) {
    const { namespace, app_name: application, driver_pod_name: driver } = response;
    log('INFO', response.message, { ...facts, namespace, application, driver });
  } else if (failure !== undefined) {
    const { code, message } = failure;
    const isUnexpected = cause instanceof Error && status === 500;
    log(status >= 500 ? 'ERROR' : 'WARN', message, {
      ...facts,
      errorCode: code,
      ...(isUnexpected && { error: cause }),
    });
  }
}

/** The metrics of a submitter server, served by Temporal's runtime. */
const Metric = {
  /** Counter: answers; tags `status`, `error_code` (empty for a success) and `duplicate`. */
  Answers: 'temporal_spark_submitter_server_answers',
  /** Histogram: seconds from the request to its answer, of submissions that succeeded. */
  Seconds: 'temporal_spark_submitter_server_seconds',
} as const;

function counting(meter: MetricMeter): (answered: Answered) => void {
  const answers = meter.createCounter(Metric.Answers);
  const seconds = meter.createHistogram(Metric.Seconds, 'float', 's');
  return ({ status, durationMs, response, failure }) => {
    answers.add(1, {
      status: String(status),
      error_code: failure?.code ?? '',
      duplicate: String(response?.duplicate_submission ?? false),
    });
    if (response !== undefined) seconds.record(durationMs / 1_000);
  };
}
