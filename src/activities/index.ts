import { ClusterError, ClusterErrorType, type Clusters } from '../clusters/index.ts';
import type { TeamDefaults } from '../defaults/index.ts';
import { EventRecorder, type KubernetesClient } from '../kubernetes/index.ts';
import type { LogArchiveOptions } from '../logs/index.ts';
import type { CompanionOptions } from '../spark/index.ts';
import { parsePlacement, type PlacementConfiguration } from '../placement/index.ts';
import { DryRuns } from '../submitters/dry-run/dry-runs.ts';
import { NativeSubmitter, Submitters, type SparkApplicationSubmitter } from '../submitters/index.ts';
import type { Tenancy } from '../tenancy/index.ts';
import { APPLICATION_TIMINGS, carriedTimings, resolveTimings, type Timings } from '../timings/index.ts';
import type { FinalizeInput, PipelineActivities, SparkActivities, StopInput, WaitInput } from '../protocol/index.ts';
import { ApplicationMetrics, type FollowedDriver } from './application-metrics.ts';
import { counted } from './counted.ts';
import { admissionLimits, requestAdmission } from './submit/pool-queue.ts';
import { withFailures, withPatience } from './failure.ts';
import { checkManifestUpdate } from './submit/check-manifest-update.ts';
import { finalizeSparkApplication } from './watch/finalize-spark-application.ts';
import { stopSparkDriver } from './watch/stop-spark-driver.ts';
import { createPipelineActivities } from './pipeline/pipeline-activities.ts';
import { readStageOutputs } from './pipeline/read-stage-outputs.ts';
import { submitSparkApplication } from './submit/submit-spark-application.ts';
import { sweepSparkDrivers } from './housekeeping/sweep-spark-drivers.ts';
import { waitForSparkDriver } from './watch/wait-for-spark-driver.ts';
import { createScheduledRun, deleteScheduledRun } from './schedules/create-scheduled-run.ts';
import { waitForScheduledRun } from './schedules/wait-for-scheduled-run.ts';
import { withExistingOwner } from './mirror/existing-owner.ts';
import { showsExecutors } from './mirror/shown-executors.ts';
import { mirrored, mirroredAfter, show } from './mirror/mirrored.ts';
import { present } from '../validation/present.ts';

export interface SparkActivitiesOptions {
  /**
   * The cluster for all applications where `clusters` are not given, or a function that connects to it at the first
   * use.
   */
  readonly kubernetes: KubernetesClient | (() => Promise<KubernetesClient>);
  /** The clusters applications run on, where there are several. @default only `kubernetes` */
  readonly clusters?: Clusters;
  /** Who creates the drivers: one submitter, or several to choose from. @default new NativeSubmitter() */
  readonly submitter?: SparkApplicationSubmitter | Submitters;
  /** The objects created with every driver, and the address of its UI. @default only what a manifest asks for */
  readonly companions?: CompanionOptions;
  /** Which nodes Spark may use. @default those that are not of the control plane */
  readonly placement?: PlacementConfiguration;
  /** What applications may use (docs/security.md). @default everything */
  readonly tenancy?: Tenancy;
  /** What applications get that their manifests leave out (docs/defaults.md). @default nothing */
  readonly defaults?: TeamDefaults;
  /**
   * How long users wait for what the activities and workflows do (docs/deploy.md, Timings). @default DEFAULT_TIMINGS
   */
  readonly timings?: Partial<Timings>;
  /** Where the logs of drivers are kept, and of executors where asked (docs/logs.md). @default nowhere */
  readonly logArchive?: LogArchiveOptions;
  /** Counts applications (docs/metrics.md). @default with the meter of each activity, without labels of applications */
  readonly metrics?: ApplicationMetrics;
}

/**
 * Binds the activities of all our workflows to a cluster and a submitter, ready for `WorkerOptions.activities`.
 *
 * @throws PlacementConfigurationError with every problem of `placement`
 * @throws RangeError with every problem of `timings`
 */
export function createSparkActivities({
  kubernetes,
  clusters,
  submitter = new NativeSubmitter(),
  companions = {},
  placement: written,
  tenancy,
  defaults,
  timings: given,
  logArchive,
  metrics = new ApplicationMetrics(),
}: SparkActivitiesOptions): SparkActivities & PipelineActivities {
  const placement = parsePlacement(written);
  const timings = resolveTimings(given);
  const submitters = submitter instanceof Submitters ? submitter : only(submitter);
  /** The cluster of the resources. */
  const home = async () => (typeof kubernetes === 'function' ? kubernetes() : kubernetes);
  const resources = { home, events: new EventRecorder(home) };
  const dryRuns = new DryRuns();
  const cluster = async (name?: string) => {
    if (clusters !== undefined) return clusters.client(name);
    if (name !== undefined) throw notConfigured(name);
    return home();
  };
  /** Connects within the activity: a cluster that cannot be reached fails it as any other error does. */
  const onCluster =
    (guard: <T>(body: () => Promise<T>, timings: Timings) => Promise<T>) =>
    <I extends { readonly cluster?: string }, T>(
      activity: (
        kubernetes: KubernetesClient,
        input: I,
        timings: Timings,
        logArchive?: LogArchiveOptions,
      ) => Promise<T>,
    ) =>
    (input: I): Promise<T> =>
      guard(async () => activity(await cluster(input.cluster), input, timings, logArchive), timings);
  const patient = onCluster(withPatience);
  const optional = present({ clusters, tenancy, defaults });
  return {
    ...createPipelineActivities(timings),
    submitSparkApplication: mirrored(resources, async (input) => {
      const { namespace = 'default', labels } = input.manifest.metadata;
      metrics.count({ namespace, counts: { ...input.counts, ...present({ labels }) } });
      const { owner } = input.identity;
      const owned =
        owner === undefined
          ? input
          : await withFailures(
              () => withExistingOwner(home, input, { owner, isHome: clusters === undefined }),
              timings,
            );
      const context = { cluster, ...optional, submitters, dryRuns, placement, companions, timings };
      return { ...(await submitSparkApplication(context, owned)), ...carriedTimings(timings, APPLICATION_TIMINGS) };
    }),
    waitForSparkDriver: counted(
      metrics,
      mirrored(
        resources,
        showsExecutors(
          { ...resources, cluster },
          patient((client, input: WaitInput, within, archive) => {
            const wait = (followed?: FollowedDriver) =>
              waitForSparkDriver(client, input, within, present({ archive, followed }));
            // Only the wait for the end has RUNNING in history.
            return input.until === 'ended' ? metrics.following(input, wait) : wait();
          }),
        ),
      ),
    ),
    stopSparkDriver: counted(
      metrics,
      mirrored(
        resources,
        patient((client, input: StopInput, within, archive) =>
          stopSparkDriver(client, input, within, { submitters, ...present({ archive }) }),
        ),
      ),
    ),
    finalizeSparkApplication: counted(
      metrics,
      mirroredAfter(
        resources,
        patient((client, input: FinalizeInput, within) => finalizeSparkApplication(client, input, within, submitters)),
      ),
    ),
    mirrorSparkApplication: async (input) => withFailures(() => show(resources, input), timings),
    createScheduledRun: async (input) => withFailures(async () => createScheduledRun(await home(), input), timings),
    waitForScheduledRun: async (run) => withPatience(async () => waitForScheduledRun(await home(), run), timings),
    deleteScheduledRun: async (run) => withPatience(async () => deleteScheduledRun(await home(), run), timings),
    checkManifestUpdate,
    sweepSparkDrivers: async (input) =>
      sweepSparkDrivers({ names: clusters?.names ?? [undefined], client: cluster }, input, timings),
    admissionLimits: async (input) => admissionLimits(cluster, placement, input, timings),
    requestAdmission: async (input) => requestAdmission(input, timings),
    readStageOutputs: onCluster(withFailures)(readStageOutputs),
  };
}

function notConfigured(name: string): ClusterError {
  return new ClusterError(
    ClusterErrorType.ClusterNotConfigured,
    `The application runs on the cluster "${name}", and this worker has no configuration of clusters; set TEMPORAL_SPARK_CLUSTERS_FILE.`,
  );
}

/** One submitter for all applications, under any name. */
function only(submitter: SparkApplicationSubmitter): Submitters {
  return new Submitters([submitter], { default: submitter.name });
}

export { applicationMetricBuckets } from './application-metric.ts';
export { ApplicationMetrics } from './application-metrics.ts';
export { METRIC_LABELS_AT_MOST, problemsOfMetricLabels } from './metric-labels.ts';
export type {
  AdmissionNeeded,
  AttemptPlan,
  CheckedUpdate,
  ClusterUnreachable,
  DriverObservation,
  DriverOutcome,
  DriverProblem,
  DriverReference,
  FinalizeInput,
  Finalized,
  FinalOutcome,
  ManifestUpdate,
  PipelineActivities,
  PlacementSummary as PlacementDecision,
  ReportedProblem,
  RequestSemaphoreInput,
  ShadowSummary as ShadowReport,
  SparkActivities,
  StopInput,
  StoppedDriver,
  SubmitAnswer,
  SubmitInput,
  SubmittedDriver,
  SweepInput,
  SweepReport,
  WaitHeartbeat,
  WaitInput,
  WorkflowReference,
} from '../protocol/index.ts';
