import { expect, it } from 'vitest';
import * as protocol from '../../../src/protocol/index.ts';

// These names are in histories, in schedules, in tools of users and on workers of other versions. One that was published
// never changes; a new one is added here.

it('workflow types, and what they are started with, keep their names', () => {
  const names = Object.entries(protocol).filter(([, value]) => typeof value === 'string');
  expect(Object.fromEntries(names)).toEqual({
    ADMISSION_WORKFLOW: 'sparkAdmission',
    CANARY_WORKFLOW: 'workerCanary',
    CAUSE_MEMO: 'cause',
    DEFAULT_TASK_QUEUE: 'temporal-spark',
    HOUSEKEEPING_SCHEDULE_ID: 'temporal-spark-housekeeping',
    HOUSEKEEPING_WORKFLOW: 'sparkHousekeeping',
    PIPELINE_ACTIVITY_WORKFLOW: 'sparkPipelineActivity',
    REQUEST_REFUSED: 'RequestRefused',
    RESOURCE_MEMO: 'resource',
    RESULT_MEMO: 'result',
    SCHEDULED_RESOURCE_WORKFLOW: 'scheduledSparkResource',
    SCHEDULED_SPARK_APPLICATION_WORKFLOW: 'scheduledSparkApplication',
    SEMAPHORE_WORKFLOW: 'sparkSemaphore',
    SPARK_APPLICATION_FAILED: 'SparkApplicationFailed',
    SPARK_APPLICATION_WORKFLOW: 'sparkApplication',
    SPARK_PIPELINE_FAILED: 'SparkPipelineFailed',
    SPARK_PIPELINE_WORKFLOW: 'sparkPipeline',
  });
});

it('signals, updates and queries keep their names', () => {
  const definitions = Object.entries(protocol).flatMap(([key, value]) =>
    typeof value === 'object' && 'type' in value && 'name' in value ? [[key, `${value.type} ${value.name}`]] : [],
  );
  expect(Object.fromEntries(definitions)).toEqual({
    acquireSemaphoreSignal: 'signal acquire',
    admissionAnswerSignal: 'signal admission',
    admissionStatusQuery: 'query status',
    askAdmissionSignal: 'signal ask',
    cancelStageUpdate: 'update cancelStage',
    driverProgressSignal: 'signal driverProgress',
    killUpdate: 'update kill',
    leaveAdmissionSignal: 'signal leave',
    manifestQuery: 'query manifest',
    parentPausedSignal: 'signal parentPaused',
    pausePipelineUpdate: 'update pause',
    pipelineManifestQuery: 'query manifest',
    pipelineStatusQuery: 'query status',
    releaseSemaphoreSignal: 'signal release',
    restartUpdate: 'update restart',
    resumePipelineUpdate: 'update resume',
    resumeUpdate: 'update resume',
    semaphoreGrantedSignal: 'signal semaphoreGranted',
    semaphoreStatusQuery: 'query status',
    statusQuery: 'query status',
    suspendUpdate: 'update suspend',
    updateManifestUpdate: 'update updateManifest',
  });
});

it('ids keep their form', () => {
  expect(protocol.sparkApplicationWorkflowId('default', 'pi')).toBe('spark/default/pi');
  expect(protocol.scheduledRunWorkflowId('default', 'daily')).toBe('scheduled-run/default/daily');
  const run = 'pipeline/etl/daily/2026-11-30';
  expect(protocol.sparkPipelineWorkflowId('etl', 'daily', '2026-11-30')).toBe(run);
  expect(protocol.stageWorkflowId(run, 'load/07')).toBe('pipeline/etl/daily/2026-11-30/load/07');
  expect(protocol.sparkPipelineScheduleId('default', 'daily')).toBe('pipeline/default/daily');
  expect(protocol.admissionWorkflowId('east/compute')).toBe('admission/east/compute');
  expect(protocol.semaphoreWorkflowId('database')).toBe('semaphore/database');
});

const ofRun = { pipeline: 'daily', run: 'today' };
const ofStage = { ...ofRun, stage: 'load/07' };
const ofNested = { pipeline: 'load', run: 'today/load', stage: 'part' };

it.each([
  ['spark/default/pi', {}, { namespace: 'default', application: 'pi' }],
  ['pipeline/etl/daily/today', {}, { namespace: 'etl', pipeline: 'daily' }],
  ['pipeline/etl/daily/today', ofRun, { namespace: 'etl', pipeline: 'daily' }],
  ['pipeline/etl/daily/today/load/07', ofStage, { pipeline: 'daily' }],
  ['pipeline/etl/daily/today/load/part', ofNested, { pipeline: 'daily' }],
  ['pipeline/daily/today', {}, { pipeline: 'daily' }],
  ['pipeline/daily/today', ofRun, { pipeline: 'daily' }],
  ['pipeline/daily/today/load/07', ofStage, { pipeline: 'daily' }],
  ['pipeline/daily/today/load/part', ofNested, { pipeline: 'daily' }],
  ['spark/default', {}, {}],
  ['admission/compute', {}, {}],
])('%s with the memo %j has the parts %j', (id, memo, facts) => {
  expect(protocol.factsOfWorkflowId(id, memo)).toEqual(facts);
});

it.each([
  ['pipeline/etl/daily/2026-11-30', '2026-11-30'],
  ['pipeline/etl/daily/2026-11-30/load', '2026-11-30/load'],
  ['pipeline/daily/2026-11-30', '2026-11-30'],
  ['pipeline/daily/2026-11-30/load', '2026-11-30/load'],
  ['pipeline/etl/2026-11-30', '2026-11-30'],
  ['mine', 'mine'],
])('%s is the run %s of a pipeline of the namespace etl', (id, run) => {
  expect(protocol.runOfPipeline(id, 'etl')).toBe(run);
});

it.each([
  ['pipeline/etl/daily/today', 'pipeline/daily/today'],
  ['pipeline/etl/daily/today/load', 'pipeline/daily/today/load'],
  ['pipeline/daily/today', undefined],
  ['spark/etl/daily/today', undefined],
])('%s was %s in 0.1', (id, old) => {
  expect(protocol.oldPipelineWorkflowId(id)).toBe(old);
});

it('types of failures keep their names', () => {
  expect(Object.values(protocol.FailureType)).toEqual(Object.keys(protocol.FailureType));
  expect(Object.keys(protocol.FailureType).join(' ')).toBe(
    'CronScheduleRefused InvalidArgument InvalidManifest InvalidParameters PlacementRefused RequestRefused ' +
      'ResourceDeleted RetryPolicyRefused ScheduledRunFailed ScheduledRunNameInUse SparkApplicationFailed ' +
      'SparkPipelineFailed SubmissionRefused SubmitterContractViolation TenancyRefused TranslationFailed ' +
      'UnknownCluster UnknownSubmitter',
  );
});

it('reasons of drivers and stages keep their names', () => {
  for (const reasons of [protocol.DriverReason, protocol.StageReason]) {
    expect(Object.values(reasons)).toEqual(Object.keys(reasons));
  }
  expect(Object.keys(protocol.DriverReason).join(' ')).toBe(
    'Completed Deleted DriverVanished Error NeverCreated NodeLost NodeNotReady OOMKilled PendingDeadlineExceeded ' +
      'RunningDeadlineExceeded SubmissionDeadlineExceeded SubmissionFailed',
  );
  expect(Object.keys(protocol.StageReason).join(' ')).toBe(
    'Cancelled ConditionFalse DependencyNotMet Error ExpressionFailed InputTooLarge ItemsTooLarge MissingOutput ' +
      'OutputTooLarge PipelineStopped Terminated TimedOut UnreadableOutput WorkflowLost WorkflowTimedOut ' +
      'WrongOutputType',
  );
});

it('kinds of causes keep their names', () => {
  expect(Object.values(protocol.CauseKind)).toEqual(Object.keys(protocol.CauseKind));
  expect(Object.keys(protocol.CauseKind).join(' ')).toBe(
    'ClassNotFound ConnectionRefused ContainerOutOfMemory DiskFull ExecutorKilled FileNotFound JavaHeapSpace JavaVersion ' +
      'KubernetesForbidden MainClassNotFound Metaspace ModuleNotFound NoFileSystem OutputExists PathNotFound ' +
      'ResultTooLarge StorageAccessDenied SubmitArguments Terminated UnknownHost',
  );
});
