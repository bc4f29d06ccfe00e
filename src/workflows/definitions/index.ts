export { ApplicationState } from './application-state.ts';
export {
  DEFAULT_TASK_QUEUE,
  RESULT_MEMO,
  SPARK_APPLICATION_FAILED,
  SPARK_APPLICATION_WORKFLOW,
  manifestQuery,
  sparkApplicationWorkflowId,
  statusQuery,
} from './application.ts';
export type { ExecutorCounts, SparkApplicationResult, SparkApplicationStatus } from './application.ts';
