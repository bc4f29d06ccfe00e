/**
 * The workflow functions, and nothing else: every function exported here becomes a workflow type.
 *
 * @module
 */
export { sparkAdmission } from './lease/spark-admission.ts';
export { sparkHousekeeping } from './housekeeping.ts';
export { sparkApplication } from './application/spark-application.ts';
export { workerCanary } from './self-test.ts';
export { scheduledSparkApplication } from './schedules/scheduled-spark-application.ts';
export { scheduledSparkResource } from './schedules/scheduled-spark-resource.ts';
export { sparkPipeline } from './pipeline/spark-pipeline.ts';
export { sparkPipelineActivity } from './pipeline/spark-pipeline-activity.ts';
export { sparkSemaphore } from './lease/spark-semaphore.ts';
export type { CarriedAdmission, CarriedSemaphore, ChildOutcome, SparkPipelineOptions } from '../protocol/index.ts';
