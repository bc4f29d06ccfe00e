import type { KubernetesClient } from '../kubernetes/index.ts';
import { NativeSubmitter, type SparkApplicationSubmitter } from '../submitters/index.ts';
import { finalizeSparkApplication, type FinalizeInput, type Finalized } from './finalize-spark-application.ts';
import { stopSparkDriver, type StoppedDriver } from './stop-spark-driver.ts';
import { submitSparkApplication, type SubmitInput, type SubmittedDriver } from './submit-spark-application.ts';
import { waitForSparkDriver, type DriverObservation, type WaitInput } from './wait-for-spark-driver.ts';
import type { DriverReference } from './driver-wait.ts';

export interface SparkActivitiesOptions {
  /** The cluster applications run on. */
  readonly kubernetes: KubernetesClient;
  /** Creates the drivers. @default new NativeSubmitter() */
  readonly submitter?: SparkApplicationSubmitter;
}

/** The activities of the `sparkApplication` workflow. Their names are in histories: they never change. */
export interface SparkActivities {
  submitSparkApplication(input: SubmitInput): Promise<SubmittedDriver>;
  waitForSparkDriver(input: WaitInput): Promise<DriverObservation>;
  stopSparkDriver(driver: DriverReference): Promise<StoppedDriver>;
  finalizeSparkApplication(input: FinalizeInput): Promise<Finalized>;
}

/** Binds the activities to a cluster and a submitter, ready for `WorkerOptions.activities`. */
export function createSparkActivities({
  kubernetes,
  submitter = new NativeSubmitter(),
}: SparkActivitiesOptions): SparkActivities {
  return {
    submitSparkApplication: (input) => submitSparkApplication(kubernetes, submitter, input),
    waitForSparkDriver: (input) => waitForSparkDriver(kubernetes, input),
    stopSparkDriver: (driver) => stopSparkDriver(kubernetes, driver),
    finalizeSparkApplication: (input) => finalizeSparkApplication(kubernetes, input),
  };
}

export type {
  DriverObservation,
  DriverReference,
  FinalizeInput,
  Finalized,
  StoppedDriver,
  SubmitInput,
  SubmittedDriver,
  WaitInput,
};
export type { DriverOutcome, PendingReason } from './driver-observation.ts';
export type { FinalOutcome, WaitHeartbeat } from './driver-wait.ts';
