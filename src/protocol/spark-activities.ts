import type { AdmissionLimits, RequestAdmissionInput } from './admission.ts';
import type {
  DriverObservation,
  FinalizeInput,
  Finalized,
  StopInput,
  StoppedDriver,
  WaitInput,
} from './driver-activities.ts';
import type { SweepInput, SweepReport } from './housekeeping.ts';
import type { CheckedUpdate, ManifestUpdate } from './manifest-update.ts';
import type { MirroredStatus } from './resource.ts';
import type { CreateRunInput, RunEnd, RunReference, ScheduledRun } from './scheduled-run.ts';
import type { SubmitAnswer, SubmitInput } from './submission.ts';

/** The activities of the workflows. Their names are in histories: they never change. */
export interface SparkActivities {
  submitSparkApplication(input: SubmitInput): Promise<SubmitAnswer>;
  waitForSparkDriver(input: WaitInput): Promise<DriverObservation>;
  stopSparkDriver(input: StopInput): Promise<StoppedDriver>;
  finalizeSparkApplication(input: FinalizeInput): Promise<Finalized>;
  /** Writes the status of a resource where no other activity follows the record. */
  mirrorSparkApplication(input: MirroredStatus): Promise<void>;
  /** Creates the `SparkApplication` of a scheduled run; nothing where its schedule was deleted. */
  createScheduledRun(input: CreateRunInput): Promise<ScheduledRun | undefined>;
  /** Waits until a scheduled run has ended. */
  waitForScheduledRun(run: ScheduledRun): Promise<RunEnd>;
  deleteScheduledRun(run: RunReference): Promise<void>;
  checkManifestUpdate(update: ManifestUpdate): Promise<CheckedUpdate>;
  sweepSparkDrivers(input: SweepInput): Promise<SweepReport>;
  admissionLimits(input: { readonly pool: string }): Promise<AdmissionLimits>;
  requestAdmission(input: RequestAdmissionInput): Promise<void>;
  readStageOutputs(input: StageOutputsInput): Promise<Record<string, string>>;
}

export interface StageOutputsInput {
  /** Which of several clusters it is on. */
  readonly cluster?: string;
  readonly namespace: string;
  /** `spark.app.id` of the attempt. */
  readonly sparkApplicationId: string;
  /** The outputs that are asked for; other keys of the ConfigMap are left there. */
  readonly names: readonly string[];
}
