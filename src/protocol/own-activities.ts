import type { PipelineActivities } from './pipeline-activities.ts';
import type { SparkActivities } from './spark-activities.ts';

const OWN_ACTIVITIES: Readonly<Record<keyof (SparkActivities & PipelineActivities), true>> = {
  submitSparkApplication: true,
  waitForSparkDriver: true,
  stopSparkDriver: true,
  finalizeSparkApplication: true,
  mirrorSparkApplication: true,
  createScheduledRun: true,
  waitForScheduledRun: true,
  deleteScheduledRun: true,
  checkManifestUpdate: true,
  sweepSparkDrivers: true,
  admissionLimits: true,
  requestAdmission: true,
  readStageOutputs: true,
  checkSparkPipeline: true,
  findChild: true,
  waitForWorkflow: true,
  cancelWorkflow: true,
  terminateWorkflow: true,
  requestSemaphore: true,
  closedWorkflows: true,
};

/** Whether an activity is one of our workflows', not one of a user's. */
export function isOwnActivity(name: string): boolean {
  return Object.hasOwn(OWN_ACTIVITIES, name);
}
