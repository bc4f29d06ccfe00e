import { NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { connectKubernetes } from '../kubernetes/index.ts';
import { openLogArchive, type LogArchiveOptions } from '../logs/index.ts';
import { connectClusters, type ConnectedClusters } from './clusters-file.ts';
import type { SparkWorkerConfiguration } from './configuration.ts';
import { operate } from './operation.ts';
import { SparkPlugin } from './plugin.ts';
import { watchSubmitters, type WatchedSubmitters } from './submitters-file.ts';
import { watchTenancy, type WatchedTenancy } from './tenancy-file.ts';
import { watchDefaults, type WatchedDefaults } from './defaults-file.ts';
import { sparkWorkerOptions } from './worker-options.ts';
import { builtWorkflowBundle } from './workflow-bundle.ts';
import { present } from '../validation/present.ts';

/** A worker that has found everything it needs and polls. */
export interface ReadyWorker {
  /** The cluster its applications run on, as a person knows it. */
  readonly cluster: string;
}

/**
 * Runs a worker until it receives SIGINT or SIGTERM.
 *
 * @throws TransportError if Temporal, KubernetesError if the cluster is unreachable
 */
export async function runSparkWorker(
  configuration: SparkWorkerConfiguration,
  { onReady }: { readonly onReady?: (worker: ReadyWorker) => void } = {},
): Promise<void> {
  const workflowBundle = await workflowBundleOf(configuration);
  const tenancy = tenancyOf(configuration);
  const defaults = defaultsOf(configuration);
  const watched = await submittersOf(configuration);
  const clusters = await clustersOf(configuration);
  const logArchive = await logArchiveOf(configuration);
  const kubernetes = await connectKubernetes(configuration.kubernetes);
  try {
    await kubernetes.version();
    const connection = await NativeConnection.connect(configuration.temporal);
    try {
      const worker = await Worker.create({
        ...sparkWorkerOptions(configuration),
        connection,
        ...present({ workflowBundle }),
        plugins: [
          new SparkPlugin({
            kubernetes,
            companions: configuration.companions,
            workflows: workflowBundle === undefined,
            ...(clusters === undefined ? {} : { clusters: clusters.clusters }),
            ...present({
              placement: configuration.placement,
              timings: configuration.timings,
              tenancy: tenancy?.tenancy,
              defaults: defaults?.defaults,
              logArchive,
              metricsLabels: configuration.metricsLabels,
            }),
            ...(watched === undefined ? {} : { submitter: watched.submitters }),
          }),
        ],
      });
      const running = worker.run();
      const stopOperation = await operate(configuration, { worker, connection, kubernetes }).catch(async (error) => {
        worker.shutdown();
        await running;
        throw error;
      });
      try {
        onReady?.({ cluster: kubernetes.cluster });
        await running;
      } finally {
        await stopOperation();
      }
    } finally {
      await connection.close();
    }
  } finally {
    tenancy?.close();
    defaults?.close();
    watched?.close();
    clusters?.close();
    logArchive?.store.close();
    kubernetes.close();
  }
}

async function workflowBundleOf({
  workflowBundleFile,
}: SparkWorkerConfiguration): Promise<WorkerOptions['workflowBundle']> {
  return workflowBundleFile === undefined ? builtWorkflowBundle() : { codePath: workflowBundleFile };
}

async function clustersOf({ clustersFile }: SparkWorkerConfiguration): Promise<ConnectedClusters | undefined> {
  return clustersFile === undefined ? undefined : connectClusters(clustersFile);
}

async function logArchiveOf({ logArchive }: SparkWorkerConfiguration): Promise<LogArchiveOptions | undefined> {
  return logArchive && { store: await openLogArchive(logArchive.url), archived: logArchive.archived };
}

async function submittersOf({ submittersFile }: SparkWorkerConfiguration): Promise<WatchedSubmitters | undefined> {
  if (submittersFile === undefined) return undefined;
  const { logger, metricMeter } = Runtime.instance();
  const reloads = metricMeter.createCounter(SUBMITTERS_RELOADS);
  return watchSubmitters(submittersFile, {
    onReload: (error) => {
      reloads.add(1, { result: error === undefined ? 'taken' : 'refused' });
      if (error === undefined) logger.info(`Reloaded submitters from ${submittersFile}.`);
      else logger.error(`${error.message}\nKeeping the previous submitters.`);
    },
  });
}

function tenancyOf({ tenancyFile: file }: SparkWorkerConfiguration): WatchedTenancy | undefined {
  if (file === undefined) return undefined;
  return watchTenancy(file, { onReload: reportReloads(file, 'tenancy rules', TENANCY_RELOADS) });
}

function defaultsOf({ defaultsFile: file }: SparkWorkerConfiguration): WatchedDefaults | undefined {
  if (file === undefined) return undefined;
  return watchDefaults(file, { onReload: reportReloads(file, 'defaults', DEFAULTS_RELOADS) });
}

/** Logs and counts each change of a configuration file. */
function reportReloads(file: string, what: string, counter: string): (error: Error | undefined) => void {
  const { logger, metricMeter } = Runtime.instance();
  const reloads = metricMeter.createCounter(counter);
  return (error) => {
    reloads.add(1, { result: error === undefined ? 'success' : 'error' });
    if (error === undefined) logger.info(`Reloaded the ${what} from ${file}.`);
    else logger.error(`${error.message}\nKeeping the previous ${what}.`);
  };
}

/** Counter: changes of the tenancy file; tag `result`: `success` or `error`. */
const TENANCY_RELOADS = 'temporal_spark_tenancy_reloads';

/** Counter: changes of the defaults file; tag `result`: `success` or `error`. */
const DEFAULTS_RELOADS = 'temporal_spark_defaults_reloads';

/** Counter: changes of the submitters' file; tag `result`: `taken` or `refused`. */
const SUBMITTERS_RELOADS = 'temporal_spark_submitters_reloads';
