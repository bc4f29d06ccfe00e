import { fileURLToPath } from 'node:url';
import { SimplePlugin } from '@temporalio/plugin';
import type { WorkerOptions } from '@temporalio/worker';
import { ApplicationMetrics, createSparkActivities } from '../activities/index.ts';
import type { Clusters } from '../clusters/index.ts';
import { withActivitySlots } from './activity-slots.ts';
import { checkPlacement, checkPlacementOf } from './check-placement.ts';
import type { TeamDefaults } from '../defaults/index.ts';
import { connectKubernetes, type KubernetesClient, type KubernetesOptions } from '../kubernetes/index.ts';
import type { LogArchiveOptions } from '../logs/index.ts';
import type { CompanionOptions } from '../spark/index.ts';
import type { PlacementConfiguration } from '../placement/index.ts';
import type { Tenancy } from '../tenancy/index.ts';
import type { Timings } from '../timings/index.ts';
import type { SparkApplicationSubmitter, Submitters } from '../submitters/index.ts';
import { present } from '../validation/present.ts';

export interface SparkPluginOptions {
  /**
   * The cluster applications run on where `clusters` are not given: how to connect, or a client that is already connected
   * (and stays the caller's to close). @default the kubeconfig of the environment, or the pod's service account
   */
  readonly kubernetes?: KubernetesOptions | KubernetesClient;
  /** The clusters applications run on, where there are several (docs/clusters.md). @default only `kubernetes` */
  readonly clusters?: Clusters;
  /** Creates the drivers: one submitter, or several to choose from. @default new NativeSubmitter() */
  readonly submitter?: SparkApplicationSubmitter | Submitters;
  /** What is created with every driver, and where its UI is reached. @default only what a manifest asks for */
  readonly companions?: CompanionOptions;
  /** Which nodes Spark may use (docs/placement.md). @default those that are not of the control plane */
  readonly placement?: PlacementConfiguration;
  /** What applications may use (docs/security.md). @default everything */
  readonly tenancy?: Tenancy;
  /** What applications get that their manifests leave out (docs/defaults.md). @default nothing */
  readonly defaults?: TeamDefaults;
  /** How long users wait for what the workers do (docs/deploy.md, Timings). @default DEFAULT_TIMINGS */
  readonly timings?: Partial<Timings>;
  /** Where the logs of drivers are kept, and of executors where asked (docs/logs.md). @default nowhere */
  readonly logArchive?: LogArchiveOptions;
  /** Labels of applications that their metrics carry (docs/metrics.md). At most 10. @default none */
  readonly metricsLabels?: readonly string[];
  /**
   * Also register the workflows, on a worker without its own. A worker with workflows re-exports ours
   * from its own module instead: `export * from 'temporal-spark/workflow-functions'`. @default false
   */
  readonly workflows?: boolean;
}

/** The built-in workflows, for `WorkerOptions.workflowsPath`. */
export const workflowsPath: string = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../workflows/index.ts' : '../workflows/index.js', import.meta.url),
);

/**
 * Gives a worker the activities that run Spark applications and, only when asked, the workflows. Activities that wait for
 * a driver take none of the worker's slots, so that none waits behind them; a worker with a `tuner` keeps that. Register it on the
 * worker, or on the connection, but not on both: plugins are not de-duplicated.
 *
 * The cluster is connected when the worker runs, and disconnected after it; `worker.run()` rejects with a
 * `KubernetesError` if it is unreachable.
 *
 * @throws RangeError with every problem of `timings`, or of `metricsLabels`
 */
export class SparkPlugin extends SimplePlugin {
  constructor({
    kubernetes = {},
    clusters,
    submitter,
    companions = {},
    placement,
    tenancy,
    defaults,
    timings,
    logArchive,
    metricsLabels = [],
    workflows = false,
  }: SparkPluginOptions = {}) {
    const given = isClient(kubernetes) ? kubernetes : undefined;
    let connection: Promise<KubernetesClient> | undefined;
    const connect = () =>
      (connection ??= given ? Promise.resolve(given) : connectKubernetes(kubernetes as KubernetesOptions));
    const metrics = new ApplicationMetrics(metricsLabels);
    super({
      name: 'temporal-spark.SparkPlugin',
      activities: createSparkActivities({
        kubernetes: connect,
        companions,
        metrics,
        ...present({ clusters, submitter, placement, tenancy, defaults, timings, logArchive }),
      }),
      ...(workflows ? { workflowsPath: (existing: string | undefined) => existing ?? workflowsPath } : {}),
      runContext: async (next) => {
        try {
          if (clusters !== undefined) {
            await checkPlacementOf(clusters, placement);
          } else {
            const cluster = await connect();
            await cluster.version();
            await checkPlacement(cluster, placement);
          }
          // Not imported before: it loads Temporal's native core.
          const { Runtime } = await import('@temporalio/worker');
          metrics.begin(Runtime.instance().metricMeter);
          await next();
        } finally {
          if (given === undefined) (await connection?.catch(() => undefined))?.close();
        }
      },
    });
    this.registersWorkflows = workflows;
  }

  private readonly registersWorkflows: boolean;

  override configureWorker(options: WorkerOptions): WorkerOptions {
    if (this.registersWorkflows && options.workflowBundle !== undefined) {
      throw new TypeError(
        "SparkPlugin cannot add its workflows to a worker that has a workflowBundle: put `export * from 'temporal-spark/workflow-functions'` " +
          'into the bundled module, and leave `workflows` out of the plugin.',
      );
    }
    const configured = super.configureWorker(options);
    return withActivitySlots(configured.workflowsPath === workflowsPath ? withSharedWorkflows(configured) : configured);
  }
}

/**
 * Our modules keep no state, so that all workflows of a thread share them: otherwise the sandbox evaluates each of them
 * again for each workflow, and keeps a copy with each.
 */
function withSharedWorkflows({ bundlerOptions = {}, ...options }: WorkerOptions): WorkerOptions {
  const { preloadModules = [] } = bundlerOptions;
  return { ...options, bundlerOptions: { ...bundlerOptions, preloadModules: [...preloadModules, workflowsPath] } };
}

function isClient(kubernetes: KubernetesOptions | KubernetesClient): kubernetes is KubernetesClient {
  return typeof (kubernetes as Partial<KubernetesClient>).watch === 'function';
}
