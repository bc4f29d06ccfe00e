import type { KubernetesClient } from '../kubernetes/index.ts';
import type { CompanionOptions } from '../spark/index.ts';
import { parsePlacement, type PlacementConfiguration } from '../placement/index.ts';
import { NativeSubmitter, Submitters, type SparkApplicationSubmitter } from '../submitters/index.ts';
import { withFailures } from './failure.ts';
import { checkManifestUpdate, type CheckedUpdate, type ManifestUpdate } from './check-manifest-update.ts';
import { finalizeSparkApplication, type FinalizeInput, type Finalized } from './finalize-spark-application.ts';
import { stopSparkDriver, type StopInput, type StoppedDriver } from './stop-spark-driver.ts';
import { createPipelineActivities, type PipelineActivities } from './pipeline.ts';
import { submitSparkApplication, type SubmitInput, type SubmittedDriver } from './submit-spark-application.ts';
import { sweepSparkDrivers, type SweepInput, type SweepReport } from './sweep-spark-drivers.ts';
import { waitForSparkDriver, type DriverObservation, type WaitInput } from './wait-for-spark-driver.ts';
import type { DriverReference } from './driver-wait.ts';

export interface SparkActivitiesOptions {
  /** The cluster applications run on, or how to reach it at the first use. */
  readonly kubernetes: KubernetesClient | (() => Promise<KubernetesClient>);
  /** Who creates the drivers: one submitter, or several to choose from. @default new NativeSubmitter() */
  readonly submitter?: SparkApplicationSubmitter | Submitters;
  /** What is made beside every driver, and where its UI is reached. @default only what a manifest asks for */
  readonly companions?: CompanionOptions;
  /** Which nodes Spark may use. @default those that are not of the control plane */
  readonly placement?: PlacementConfiguration;
}

/** The activities of the workflows. Their names are in histories: they never change. */
export interface SparkActivities {
  submitSparkApplication(input: SubmitInput): Promise<SubmittedDriver>;
  waitForSparkDriver(input: WaitInput): Promise<DriverObservation>;
  stopSparkDriver(input: StopInput): Promise<StoppedDriver>;
  finalizeSparkApplication(input: FinalizeInput): Promise<Finalized>;
  checkManifestUpdate(update: ManifestUpdate): Promise<CheckedUpdate>;
  sweepSparkDrivers(input: SweepInput): Promise<SweepReport>;
}

/**
 * Binds the activities of all our workflows to a cluster and a submitter, ready for `WorkerOptions.activities`.
 *
 * @throws PlacementConfigurationError with every problem of `placement`
 */
export function createSparkActivities({
  kubernetes,
  submitter = new NativeSubmitter(),
  companions = {},
  placement: written,
}: SparkActivitiesOptions): SparkActivities & PipelineActivities {
  const placement = parsePlacement(written);
  const submitters = submitter instanceof Submitters ? submitter : only(submitter);
  const cluster = () => withFailures(async () => (typeof kubernetes === 'function' ? kubernetes() : kubernetes));
  return {
    ...createPipelineActivities(),
    submitSparkApplication: async (input) =>
      submitSparkApplication({ kubernetes: await cluster(), submitters, placement, companions }, input),
    waitForSparkDriver: async (input) => waitForSparkDriver(await cluster(), input),
    stopSparkDriver: async (input) => stopSparkDriver(await cluster(), input),
    finalizeSparkApplication: async (input) => finalizeSparkApplication(await cluster(), input),
    checkManifestUpdate,
    sweepSparkDrivers: async (input) => sweepSparkDrivers(await cluster(), input),
  };
}

/** One submitter for all, whatever it is called. */
function only(submitter: SparkApplicationSubmitter): Submitters {
  return new Submitters([submitter], { default: submitter.name });
}

export type {
  CheckedUpdate,
  DriverObservation,
  DriverReference,
  FinalizeInput,
  Finalized,
  ManifestUpdate,
  StopInput,
  StoppedDriver,
  SubmitInput,
  SubmittedDriver,
  SweepInput,
  SweepReport,
  WaitInput,
};
export type { DriverOutcome, DriverProblem } from './driver-observation.ts';
export type { ReportedProblem } from './wait-for-spark-driver.ts';
export type { PlacementDecision } from '../placement/index.ts';
export type { PipelineActivities, RequestSemaphoreInput, WorkflowReference } from './pipeline.ts';
export type { FinalOutcome, WaitHeartbeat } from './driver-wait.ts';
