import type { SparkApplicationDescription } from '../../client/index.ts';
import {
  SPARK_PIPELINE_WORKFLOW,
  type AttemptSummary,
  type ExecutorCounts,
} from '../../workflows/definitions/index.ts';
import { ExitCode } from '../exit-code.ts';
import { withTemporal, type TemporalOptions } from '../temporal.ts';
import { describePipeline } from './describe-pipeline.ts';
import { workflowIdOf } from '../workflow-id.ts';

/** Prints what is known of an application: its state, and what it is doing or why it is not getting on. */
export async function describe(
  application: string,
  options: TemporalOptions & { readonly output: 'text' | 'json' },
): Promise<ExitCode> {
  return withTemporal(options, async ({ spark, client }) => {
    if (application.startsWith('pipeline/')) {
      const { type } = await client.workflow.getHandle(application).describe();
      if (type === SPARK_PIPELINE_WORKFLOW) return describePipeline(spark.pipelines.get(application), options);
    }
    const description = await spark.describe(workflowIdOf(application));
    console.log(options.output === 'json' ? JSON.stringify(description) : text(description));
    return ExitCode.Ok;
  });
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
  const rows: [string, string | number | undefined][] = [
    ['Workflow', workflowId],
    ['Run', runId],
    ['Workflow status', workflowStatus],
    ['State', status?.state ?? 'not known: no worker answered'],
    ['Problem', problem && [problem.reason, problem.message].filter(Boolean).join(': ')],
    ['Next attempt', status?.nextAttemptAt],
    ['Attempts', status?.attempts],
    ['Driver', status?.driverPodName && `${status.namespace}/${status.driverPodName}`],
    ['Node', driver?.node],
    ['Executors', executors(driver?.executors ?? status?.executors)],
    ['Spark application', status?.sparkApplicationId],
    ['Submission', status?.submissionId],
    ['Submitter', status?.submitter],
    ['Placement', status?.placement?.reason],
    ...(status?.placement?.warnings ?? []).map((warning): [string, string] => ['Warning', warning]),
    ['Started', startTime.toISOString()],
    ['Driver started', status?.startedAt],
    ['Ended', status?.finishedAt ?? closeTime?.toISOString()],
    ['Exit code', status?.exitCode],
    ['Reason', status?.reason],
    ['Failure class', status?.failureClass],
    ['Message', status?.message],
    ...pending.map(({ activity, attempt, lastFailure }): [string, string] => [
      'Under way',
      `${activity}${attempt > 1 ? `, try ${attempt}` : ''}${lastFailure === undefined ? '' : `: ${lastFailure}`}`,
    ]),
    ...(status?.attemptHistory ?? []).map((past): [string, string] => [`Attempt ${past.attempt}`, summary(past)]),
  ];
  return rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name.padEnd(18)} ${value}`)
    .join('\n');
}

function executors(counts: ExecutorCounts | undefined): string | undefined {
  const some = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
  return some.length === 0 ? undefined : some.map(([phase, count]) => `${count} ${phase}`).join(', ');
}

function summary({ state, exitCode, reason, failureClass, startedAt, finishedAt }: AttemptSummary): string {
  const ran = startedAt === undefined ? undefined : Math.round((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);
  const facts = [
    state,
    exitCode === undefined ? undefined : `exit code ${exitCode}`,
    reason,
    failureClass,
    ran === undefined ? 'never ran' : `after ${ran} s`,
    finishedAt,
  ];
  return facts.filter((fact) => fact !== undefined).join(', ');
}
