export { ApplicationAnnotation } from './annotations.ts';
export { ConnectAnnotation, idleSecondsOf } from './connect/annotations.ts';
export { routeOf, type ConnectRoute } from './connect/route.ts';
export {
  CONNECT_NAME_LABEL,
  CONNECT_PORT,
  serverApplication,
  serverName,
  serviceName,
} from './connect/server-application.ts';
export {
  CONNECT_API_VERSION,
  sparkConnectSchema,
  type SparkConnect,
  type SparkConnectManifest,
  type SparkConnectSpec,
} from './connect/spark-connect.ts';
export type { RestartPolicy, SparkApplicationSpec } from './defaults.ts';
export {
  parseManifest,
  parseManifests,
  parseSparkApplication,
  parseSparkPipeline,
  type SparkManifest,
  type ParseManifestOptions,
} from './load.ts';
export { resolveName, type Metadata } from './metadata.ts';
export {
  DependencyCondition,
  FailurePolicy,
  OutputSource,
  PIPELINE_API_VERSION,
  type ApplicationTemplate,
  type CalledActivity,
  type CalledWorkflow,
  type ForEach,
  type PipelineOutput,
  type PipelineParameter,
  type PipelineStage,
  type SparkPipeline,
  type SparkPipelineManifest,
  type SparkPipelineSpec,
  type StageDependency,
  type StageRetry,
  type StageSemaphore,
} from './pipeline/types.ts';
export { definePipeline, type PipelineTools } from './pipeline/builder/define-pipeline.ts';
export { cel, type PipelineExpression } from './pipeline/builder/typed-expression.ts';
export type {
  OutputValues,
  ParameterDeclarations,
  ParameterValues,
  StageHandle,
  TypedPipeline,
  Types,
  UntypedPipeline,
} from './pipeline/builder/typed-pipeline.ts';
export type { ScheduledSparkPipeline, ScheduledSparkPipelineManifest } from './pipeline/scheduled-spark-pipeline.ts';
export { OverlapPolicy } from './overlap-policy.ts';
export { ScheduleAnnotation } from './schedule-annotations.ts';
export type { ReadFile } from './pipeline/files.ts';
export { ancestorsOf, dependenciesOf, inOrder } from './pipeline/graph.ts';
export { ParameterError, resolveParameters } from './pipeline/parameters.ts';
export type { ValueOf, ValueType } from './pipeline/value-type.ts';
export type { ManifestProblem, ProblemPath } from '../validation/problem.ts';
export { formatProblems, ManifestError } from '../validation/problems.ts';
export { FailureClass, readRunSettings, RestartBackoff, type RunSettings } from './run-settings.ts';
export { scheduledSparkApplicationSchema, type ScheduledSparkApplication } from './scheduled-spark-application.ts';
export { API_VERSION, sparkApplicationSchema, type SparkApplication } from './spark-application.ts';
export type {
  ManifestMetadata,
  ScheduledSparkApplicationManifest,
  SparkApplicationManifest,
  SparkApplicationManifestSpec,
  SparkDriverManifest,
  SparkExecutorManifest,
  SparkPodManifest,
} from './manifest-types.ts';
