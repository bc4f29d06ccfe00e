import type { SparkApplicationDescription } from '../../client/index.ts';
import { ExitCode } from '../exit-code.ts';
import { withTemporal, type TemporalOptions } from '../temporal.ts';
import { workflowIdOf } from '../workflow-id.ts';

/** Prints what is known of an application: its state, and what it is doing or why it is not getting on. */
export async function describe(
  application: string,
  options: TemporalOptions & { readonly output: 'text' | 'json' },
): Promise<ExitCode> {
  return withTemporal(options, async ({ spark }) => {
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
  startTime,
  closeTime,
}: SparkApplicationDescription): string {
  const rows: [string, string | number | undefined][] = [
    ['Workflow', workflowId],
    ['Run', runId],
    ['Workflow status', workflowStatus],
    ['State', status?.state ?? 'not known: no worker answered'],
    ['Attempts', status?.attempts],
    ['Driver', status?.driverPodName && `${status.namespace}/${status.driverPodName}`],
    ['Spark application', status?.sparkApplicationId],
    ['Submission', status?.submissionId],
    ['Started', startTime.toISOString()],
    ['Driver started', status?.startedAt],
    ['Ended', status?.finishedAt ?? closeTime?.toISOString()],
    ['Exit code', status?.exitCode],
    ['Reason', status?.reason],
    ['Message', status?.message],
    ...pending.map(({ activity, attempt, lastFailure }): [string, string] => [
      'Under way',
      `${activity}${attempt > 1 ? `, try ${attempt}` : ''}${lastFailure === undefined ? '' : `: ${lastFailure}`}`,
    ]),
  ];
  return rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name.padEnd(18)} ${value}`)
    .join('\n');
}
