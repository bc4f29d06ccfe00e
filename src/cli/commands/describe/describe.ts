import type { SparkApplicationDescription, SparkClient } from '../../../client/index.ts';
import {
  describeExecutors,
  describeProgress,
  describeQueue,
  remedyOf,
  SPARK_PIPELINE_WORKFLOW,
  type AttemptSummary,
  type LogArchiveSummary,
  type ShadowSummary,
} from '../../../protocol/index.ts';
import { ExitCode } from '../../exit-code.ts';
import type { OutputFlags, TemporalFlags } from '../../flags.ts';
import { withTemporal } from '../../temporal.ts';
import { workflowIdOf } from '../../workflow-id.ts';
import { pictureOfPipeline } from './describe-pipeline.ts';
import { watch, type Picture } from './watch.ts';

export interface DescribeFlags extends TemporalFlags, OutputFlags {
  readonly watch: boolean;
}

/** Prints the state of an application or a pipeline run: what it is doing, or why it makes no progress. */
export async function describe(application: string, flags: DescribeFlags): Promise<ExitCode> {
  return withTemporal(flags, async ({ spark, client }) => {
    const isInPipeline = application.startsWith('pipeline/');
    const workflowId = isInPipeline ? (await spark.pipelines.find(application)).workflowId : workflowIdOf(application);
    const isPipeline =
      isInPipeline && (await client.workflow.getHandle(workflowId).describe()).type === SPARK_PIPELINE_WORKFLOW;
    const read = isPipeline
      ? () => pictureOfPipeline(spark, client, workflowId, flags)
      : () => pictureOf(spark, workflowId, flags);
    if (flags.watch) await watch(read);
    else console.log((await read()).text);
    return ExitCode.Ok;
  });
}

async function pictureOf(spark: SparkClient, workflowId: string, { output }: DescribeFlags): Promise<Picture> {
  const description = await spark.describe(workflowId);
  return {
    text: output === 'json' ? JSON.stringify(description) : text(description),
    final: description.closeTime !== undefined,
  };
}

function text({
  workflowId,
  runId,
  workflowStatus,
  status,
  pending,
  driver,
  startTime,
  closeTime,
}: SparkApplicationDescription): string {
  const problem = status?.problem ?? (driver?.reason === undefined ? undefined : { ...driver, reason: driver.reason });
  const progress = driver?.progress ?? status?.progress;
  const executors = driver?.executors ?? status?.executors;
  const rows: [string, string | number | undefined][] = [
    ['State', status?.state ?? 'unknown: no worker answered'],
    ['Cause', status?.failure?.cause],
    ...(status?.failure?.frames ?? []).map((frame): [string, string] => ['  at', frame]),
    ['What to do', remedyOf(status?.failure)],
    ['Workflow', workflowId],
    ['Run', runId],
    ['Workflow status', workflowStatus],
    ['Problem', problem && [problem.reason, problem.message].filter(Boolean).join(': ')],
    ['Queue', status?.queue && describeQueue(status.queue)],
    ['Next attempt', status?.nextAttemptAt],
    ['Attempts', status?.attempts],
    ['Driver', status?.driverPodName && `${status.namespace}/${status.driverPodName}`],
    ['Spark UI', status?.sparkUi],
    ['Node', driver?.node],
    ['Executors', executors && describeExecutors(executors)],
    ['Progress', progress && describeProgress(progress)],
    ['Spark application', status?.sparkApplicationId],
    ['Submission', status?.submissionId],
    ['Cluster', status?.cluster],
    ['Submitter', status?.submitter],
    ['Shadow', status?.shadow && shadow(status.shadow)],
    ['Placement', status?.placement?.reason],
    ...(status?.placement?.warnings ?? []).map((warning): [string, string] => ['Warning', warning]),
    ['Started', startTime.toISOString()],
    ['Driver started', status?.startedAt],
    ['Ended', status?.finishedAt ?? closeTime?.toISOString()],
    ['Exit code', status?.exitCode],
    ['Reason', status?.reason],
    ['Failure class', status?.failureClass],
    ['Message', status?.message],
    ['Logs', status?.logArchive && archived(status.logArchive)],
    ...pending.map(({ activity, attempt, lastFailure }): [string, string] => [
      'Pending',
      `${activity}${attempt > 1 ? `, attempt ${attempt}` : ''}${lastFailure === undefined ? '' : `: ${lastFailure}`}`,
    ]),
    ...(status?.attemptHistory ?? []).map((past): [string, string] => [`Attempt ${past.attempt}`, summary(past)]),
  ];
  return rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name.padEnd(18)} ${value}`)
    .join('\n');
}

function archived({ location, complete, problem }: LogArchiveSummary): string {
  return `${location}: ${complete ? 'complete' : `incomplete, ${problem}`}`;
}

function shadow({ submitter, result, differences, paths = [], message }: ShadowSummary): string {
  const more = differences === undefined ? message : `${differences}: ${paths.join(', ')}`;
  return `${submitter}: ${result}${more === undefined ? '' : `, ${more}`}`;
}

function summary({ state, exitCode, reason, failureClass, cause, startedAt, finishedAt }: AttemptSummary): string {
  const ran = startedAt === undefined ? undefined : Math.round((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);
  const facts = [
    state,
    exitCode === undefined ? undefined : `exit code ${exitCode}`,
    reason,
    failureClass,
    ran === undefined ? 'did not run' : `after ${ran} s`,
    finishedAt,
    cause,
  ];
  return facts.filter((fact) => fact !== undefined).join(', ');
}
