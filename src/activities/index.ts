import { ClusterError, ClusterErrorType, type Clusters } from '../clusters/index.ts';
import type { KubernetesClient } from '../kubernetes/index.ts';
import type { CompanionOptions } from '../spark/index.ts';
import { parsePlacement, type PlacementConfiguration } from '../placement/index.ts';
import { NativeSubmitter, Submitters, type SparkApplicationSubmitter } from '../submitters/index.ts';
import { APPLICATION_TIMINGS, carriedTimings, resolveTimings, type Timings } from '../timings/index.ts';
import type { AdmissionLimits } from '../protocol/index.ts';
import { admissionLimits, requestAdmission, type AdmissionNeeded, type RequestAdmissionInput } from './admission.ts';
import { withFailures } from './failure.ts';
import { checkManifestUpdate, type CheckedUpdate, type ManifestUpdate } from './check-manifest-update.ts';
import { finalizeSparkApplication, type FinalizeInput, type Finalized } from './finalize-spark-application.ts';
import { stopSparkDriver, type StopInput, type StoppedDriver } from './stop-spark-driver.ts';
import { createPipelineActivities, type PipelineActivities } from './pipeline.ts';
import { readStageOutputs, type StageOutputsInput } from './read-stage-outputs.ts';
import {
  submitSparkApplication,
  type ClusterChosen,
  type ClusterUnreachable,
  type SubmitAnswer,
  type SubmitInput,
  type SubmittedDriver,
} from './submit-spark-application.ts';
import { sweepSparkDrivers, type SweepInput, type SweepReport } from './sweep-spark-drivers.ts';
import { waitForSparkDriver, type DriverObservation, type WaitInput } from './wait-for-spark-driver.ts';
import type { DriverReference } from './driver-wait.ts';

export interface SparkActivitiesOptions {
  /** The cluster applications run on where `clusters` are not given, or how to reach it at the first use. */
  readonly kubernetes: KubernetesClient | (() => Promise<KubernetesClient>);
  /** The clusters applications run on, where there are several. @default only `kubernetes` */
  readonly clusters?: Clusters;
  /** Who creates the drivers: one submitter, or several to choose from. @default new NativeSubmitter() */
  readonly submitter?: SparkApplicationSubmitter | Submitters;
  /** What is made beside every driver, and where its UI is reached. @default only what a manifest asks for */
  readonly companions?: CompanionOptions;
  /** Which nodes Spark may use. @default those that are not of the control plane */
  readonly placement?: PlacementConfiguration;
  /** How long users wait for what the activities and workflows do (docs/deploy.md, Timings). @default DEFAULT_TIMINGS */
  readonly timings?: Partial<Timings>;
}

/** The activities of the workflows. Their names are in histories: they never change. */
export interface SparkActivities {
  submitSparkApplication(input: SubmitInput): Promise<SubmitAnswer>;
  waitForSparkDriver(input: WaitInput): Promise<DriverObservation>;
  stopSparkDriver(input: StopInput): Promise<StoppedDriver>;
  finalizeSparkApplication(input: FinalizeInput): Promise<Finalized>;
  checkManifestUpdate(update: ManifestUpdate): Promise<CheckedUpdate>;
  sweepSparkDrivers(input: SweepInput): Promise<SweepReport>;
  admissionLimits(input: { readonly pool: string }): Promise<AdmissionLimits>;
  requestAdmission(input: RequestAdmissionInput): Promise<void>;
  readStageOutputs(input: StageOutputsInput): Promise<Record<string, string>>;
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
  timings: given,
}: SparkActivitiesOptions): SparkActivities & PipelineActivities {
  const placement = parsePlacement(written);
  const timings = resolveTimings(given);
  const submitters = submitter instanceof Submitters ? submitter : only(submitter);
  const cluster = (name?: string) =>
    withFailures(async () => {
      if (clusters !== undefined) return clusters.client(name);
      if (name !== undefined) throw notConfigured(name);
      return typeof kubernetes === 'function' ? kubernetes() : kubernetes;
    });
  const several = clusters === undefined ? {} : { clusters };
  return {
    ...createPipelineActivities(timings),
    submitSparkApplication: async (input) => ({
      ...(await submitSparkApplication({ cluster, ...several, submitters, placement, companions, timings }, input)),
      ...carriedTimings(timings, APPLICATION_TIMINGS),
    }),
    waitForSparkDriver: async (input) => waitForSparkDriver(await cluster(input.cluster), input, timings),
    stopSparkDriver: async (input) => stopSparkDriver(await cluster(input.cluster), input, timings),
    finalizeSparkApplication: async (input) => finalizeSparkApplication(await cluster(input.cluster), input, timings),
    checkManifestUpdate,
    sweepSparkDrivers: async (input) =>
      sweepSparkDrivers({ names: clusters?.names ?? [undefined], client: cluster }, input, timings),
    admissionLimits: async (input) => admissionLimits(cluster, placement, input, timings),
    requestAdmission: async (input) => requestAdmission(input, timings),
    readStageOutputs: async (input) => readStageOutputs(await cluster(input.cluster), input),
  };
}

function notConfigured(name: string): ClusterError {
  return new ClusterError(
    ClusterErrorType.ClusterNotConfigured,
    `The application is on the cluster "${name}", and this worker has no configuration of clusters.`,
  );
}

/** One submitter for all, whatever it is called. */
function only(submitter: SparkApplicationSubmitter): Submitters {
  return new Submitters([submitter], { default: submitter.name });
}

export type {
  AdmissionNeeded,
  CheckedUpdate,
  ClusterChosen,
  ClusterUnreachable,
  DriverObservation,
  DriverReference,
  FinalizeInput,
  Finalized,
  ManifestUpdate,
  StopInput,
  StoppedDriver,
  SubmitAnswer,
  SubmitInput,
  SubmittedDriver,
  SweepInput,
  SweepReport,
  WaitInput,
};
export type { DriverOutcome, DriverProblem } from './driver-observation.ts';
export type { ShadowReport } from './shadow.ts';
export type { ReportedProblem } from './wait-for-spark-driver.ts';
export type { PlacementDecision } from '../placement/index.ts';
export type { PipelineActivities, RequestSemaphoreInput, WorkflowReference } from './pipeline.ts';
export type { FinalOutcome, WaitHeartbeat } from './driver-wait.ts';
