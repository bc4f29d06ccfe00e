import { randomBytes } from 'node:crypto';
import {
  connectKubernetes,
  isKubernetesError,
  removeFinalizer,
  Resources,
  type KubernetesClient,
  type KubernetesOptions,
} from '../../../kubernetes/index.ts';
import { parseSparkApplication } from '../../../manifest/index.ts';
import { attemptIdentity, attemptSubmission } from '../../../spark/index.ts';
import { DRIVER_FINALIZER } from '../../../spark/metadata.ts';
import {
  SparkSubmitSubmitter,
  type SparkApplicationSubmitter,
  type SubmissionRequest,
} from '../../../submitters/index.ts';
import { sparkVersionOf } from '../../../submitters/spark-submit/spark-version-of.ts';
import { submittersToCompare, type SubmittersToCompareOptions } from '../../submitters-to-compare.ts';
import { measureProcess } from './process-cost.ts';

export interface BenchOptions extends SubmittersToCompareOptions {
  /** Names of the submitters to measure, one after the other. */
  readonly submitters: readonly string[];
  /** Submissions per submitter. */
  readonly applications: number;
  /** Concurrent submissions. @default 32 */
  readonly inFlight?: number;
  /** Namespace of the drivers. @default the kubeconfig's namespace */
  readonly namespace?: string;
  /** Service account of the drivers; it must exist. @default "spark" */
  readonly serviceAccount?: string;
  /** Spark version of the applications; it affects the number of objects. @default that of spark-submit, or 4.1.4 */
  readonly sparkVersion?: string;
  /** @default the kubeconfig of the environment, or the pod's service account */
  readonly kubernetes?: KubernetesOptions;
  /** Ends the measurement early; created drivers are deleted all the same. */
  readonly signal?: AbortSignal;
}

/** The performance of one submitter, and its cost on this machine. */
export interface BenchResult {
  readonly submitter: string;
  readonly applications: number;
  readonly failed: number;
  /** Message of the first failure. */
  readonly failure?: string;
  readonly perSecond: number;
  /** Milliseconds from the request until the driver and its objects exist, of successful submissions. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
  /** User and system milliseconds per submission, of this process and its children. */
  readonly cpuMs: number;
  /** Peak beyond the memory of this process at the start, children included. */
  readonly memoryMiB: number;
}

/** No scheduler has this name: drivers stay pending and pull no image. */
const NO_SCHEDULER = 'temporal-spark-bench';
const RUN_LABEL = 'temporal-spark/bench';
const DEFAULT_SPARK_VERSION = '4.1.4';
const SUBMISSION_TIMEOUT_MS = 300_000;
const MEBIBYTE = 1024 * 1024;

/**
 * Measures submitters on a cluster, one after the other. This process creates the drivers, no scheduler takes them, and
 * they are deleted afterwards, also after a failure. Only submission is measured.
 *
 * @returns the result of each submitter as soon as it is complete
 * @throws ComparisonError for an unknown submitter
 * @throws KubernetesError where the cluster is not reachable, Error where drivers cannot be deleted
 */
export async function* benchSubmitters(options: BenchOptions): AsyncGenerator<BenchResult> {
  const known = await submittersToCompare(options);
  const submitters = options.submitters.map((name) => known.get(name));
  const kubernetes = await connectKubernetes(options.kubernetes ?? {});
  try {
    await kubernetes.version();
    const sparkVersion = options.sparkVersion ?? versionOf(submitters) ?? DEFAULT_SPARK_VERSION;
    for (const submitter of submitters) yield await round(kubernetes, submitter, sparkVersion, options);
  } finally {
    kubernetes.close();
  }
}

async function round(
  kubernetes: KubernetesClient,
  submitter: SparkApplicationSubmitter,
  sparkVersion: string,
  options: BenchOptions,
): Promise<BenchResult> {
  const { applications, inFlight = 32, namespace = kubernetes.namespace, serviceAccount = 'spark', signal } = options;
  const run = `bench-${randomBytes(4).toString('hex')}`;
  const requests = Array.from({ length: applications }, (_, index) =>
    request({ run, index, namespace, serviceAccount, sparkVersion }),
  );
  const latencies: number[] = [];
  const failures: Error[] = [];
  const submit = async (each: SubmissionRequest) => {
    const begun = performance.now();
    const timeout = AbortSignal.timeout(SUBMISSION_TIMEOUT_MS);
    try {
      await submitter.submit(each, { kubernetes, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
      latencies.push(performance.now() - begun);
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(error as Error);
    }
  };
  try {
    const cost = measureProcess();
    const begun = performance.now();
    let next = 0;
    const lane = async () => {
      while (next < applications) await submit(requests[next++]!);
    };
    // All must have ended before their objects are deleted.
    await Promise.allSettled(Array.from({ length: Math.min(inFlight, applications) }, lane));
    signal?.throwIfAborted();
    const seconds = (performance.now() - begun) / 1000;
    const { cpuMs, memoryBytes } = cost();
    return {
      submitter: submitter.name,
      applications,
      failed: failures.length,
      ...(failures[0] === undefined ? {} : { failure: failures[0].message }),
      perSecond: latencies.length / seconds,
      latencyMs: percentiles(latencies),
      cpuMs: cpuMs / applications,
      memoryMiB: memoryBytes / MEBIBYTE,
    };
  } finally {
    await removeAll(kubernetes, namespace, run);
  }
}

/** The version of the Spark that one of them runs; all get the same applications. */
function versionOf(submitters: readonly SparkApplicationSubmitter[]): string | undefined {
  const home = submitters.find((submitter) => submitter instanceof SparkSubmitSubmitter)?.home;
  return home === undefined ? undefined : sparkVersionOf(home);
}

function request(options: {
  readonly run: string;
  readonly index: number;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly sparkVersion: string;
}): SubmissionRequest {
  const { run, index, namespace, serviceAccount, sparkVersion } = options;
  const name = `${run}-${index}`;
  const application = parseSparkApplication({
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: { name, namespace },
    spec: {
      type: 'Scala',
      mode: 'cluster',
      sparkVersion,
      image: 'temporal-spark/bench:never-pulled',
      mainClass: 'org.apache.spark.examples.SparkPi',
      mainApplicationFile: 'local:///opt/spark/examples/jars/spark-examples.jar',
      arguments: ['1000'],
      driver: { serviceAccount, schedulerName: NO_SCHEDULER, labels: { [RUN_LABEL]: run } },
      executor: { instances: 2 },
    },
  });
  const identity = attemptIdentity({
    workflowId: `bench/${namespace}/${name}`,
    firstRunId: run,
    attempt: 1,
    temporalNamespace: 'none',
    applicationName: name,
    driverPodName: `${name}-driver`,
    submitTime: Date.now(),
  });
  return { submission: attemptSubmission(application, identity), identity };
}

/** Nearest rank. */
function percentiles(values: readonly number[]): BenchResult['latencyMs'] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (percent: number) => sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
  return { p50: at(50), p95: at(95), p99: at(99), max: at(100) };
}

/** Deletes the drivers; the garbage collector deletes what they own. */
async function removeAll(kubernetes: KubernetesClient, namespace: string, run: string): Promise<void> {
  const labelSelector = `${RUN_LABEL}=${run}`;
  for await (const page of kubernetes.list(Resources.pods, namespace, { labelSelector })) {
    await Promise.all(
      page.map(async ({ metadata }) => {
        const { name, uid } = metadata as { name: string; uid: string };
        try {
          await removeFinalizer(kubernetes, { namespace, name, uid, finalizer: DRIVER_FINALIZER });
          await kubernetes.delete(Resources.pods, namespace, name, { uid, gracePeriodSeconds: 0 });
        } catch (error) {
          if (!isKubernetesError(error)) throw error;
          throw new Error(
            `Cannot delete the drivers of the measurement: ${error.message}. To delete them: kubectl -n ${namespace} delete pod -l ${labelSelector}`,
            { cause: error },
          );
        }
      }),
    );
  }
}
