/**
 * The workflow functions, and nothing else: every function exported here becomes a workflow type.
 *
 * @module
 */
export { sparkAdmission } from './spark-admission.ts';
export { sparkHousekeeping } from './housekeeping.ts';
export { sparkApplication } from './spark-application.ts';
export { workerCanary } from './worker-canary.ts';
export { scheduledSparkApplication } from './scheduled-spark-application.ts';
export { sparkPipeline } from './spark-pipeline.ts';
export { sparkPipelineActivity } from './spark-pipeline-activity.ts';
export { sparkSemaphore } from './spark-semaphore.ts';
export type { CarriedAdmission, CarriedSemaphore, ChildOutcome, SparkPipelineOptions } from '../protocol/index.ts';
