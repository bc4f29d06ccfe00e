import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowIdConflictPolicy } from '@temporalio/client';
import { SparkPipelineFailedError, type SparkPipelineHandle } from '../../../client/index.ts';
import type { SparkPipeline } from '../../../manifest/index.ts';
import { describeStageReason, type SparkPipelineResult, type SparkPipelineStatus } from '../../../protocol/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import type { FollowOutput } from '../../output/follow-output.ts';
import { printable } from '../../output/printable.ts';
import { workflowLink } from '../../output/workflow-link.ts';
import type { Temporal } from '../../temporal.ts';
import { detachable } from './detachable.ts';
import { pipelineLine } from './moving-line.ts';
import { readParameters } from './read-parameters.ts';
import { Conflict, type RunFlags } from './start-flags.ts';
import { present } from '../../../validation/present.ts';

const POLL_MS = 1_000;

/** Starts a pipeline, and reports that. */
export async function startPipeline(
  temporal: Temporal,
  pipeline: SparkPipeline,
  { parameter = [], run, conflict, uiUrl }: RunFlags,
  print: (line: string) => void,
): Promise<SparkPipelineHandle> {
  const handle = await temporal.spark.pipelines.start(pipeline, {
    checked: true,
    parameters: readParameters(parameter, pipeline.spec),
    ...present({ run }),
    conflict: conflict === Conflict.Attach ? WorkflowIdConflictPolicy.USE_EXISTING : WorkflowIdConflictPolicy.FAIL,
  });
  const { workflowId, runId } = handle;
  print(`Started ${workflowId} (run ${runId})`);
  if (uiUrl !== undefined) print(`  ${workflowLink(uiUrl, temporal.namespace, { workflowId, runId: runId! })}`);
  return handle;
}

/** Shows each state change of a stage until all pipelines have ended; Ctrl-C ends only the output. */
export function followPipelines(
  handles: readonly SparkPipelineHandle[],
  output: FollowOutput,
): Promise<SparkPipelineResult[]> {
  const workflowIds = handles.map(({ workflowId }) => workflowId);
  return detachable({ workflowIds, stop: 'pipeline cancel' }, output, () =>
    Promise.all(handles.map((handle) => followPipeline(handle, output))),
  );
}

async function followPipeline(
  handle: SparkPipelineHandle,
  { print: printLine, move }: FollowOutput,
): Promise<SparkPipelineResult> {
  const print = (text: string) => printLine(printable(text));
  const begun = Date.now();
  const over = new AbortController();
  const outcome = handle
    .result()
    .catch((error: unknown) => {
      if (error instanceof SparkPipelineFailedError) return error;
      throw error;
    })
    .finally(() => over.abort());
  const seen = new Map<string, string>();
  const show = (status: SparkPipelineStatus) => {
    const { stages } = status;
    for (const { name, state, reason, message, items, attempts = 1, waitingFor } of stages) {
      const facts = [
        items === undefined ? undefined : `${items.succeeded} of ${items.total}`,
        attempts > 1 && items === undefined ? `attempt ${attempts}` : undefined,
        waitingFor === undefined ? undefined : `waiting for ${waitingFor}`,
        describeStageReason(present({ reason, message })),
      ];
      const line = `${state}  ${facts.filter(Boolean).join(', ')}`.trimEnd();
      if (line !== (seen.get(name) ?? 'PENDING')) {
        print(`${`${((Date.now() - begun) / 1000).toFixed(0)} s`.padStart(6)}  ${name.padEnd(20)} ${line}`);
      }
      seen.set(name, line);
    }
    move(handle.workflowId, over.signal.aborted ? undefined : pipelineLine(handle.workflowId, status, Date.now()));
  };
  const changes = async () => {
    while (!over.signal.aborted) {
      await handle.status().then(show, () => undefined);
      await delay(POLL_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  // Together: a failure of the outcome is not left unhandled while a state is read.
  const [ended] = await Promise.all([outcome, changes()]);
  await handle.status().then(show, () => undefined);
  if (!(ended instanceof SparkPipelineFailedError)) return shown(ended);
  if (ended.result === undefined) throw new CliError(ExitCode.Failed, `${handle.workflowId}: ${ended.message}`, ended);
  print(ended.message);
  const result = shown(ended.result);
  if (result.state === 'FAILED') print(`  To run the rest again: temporal-spark pipeline rerun ${handle.workflowId}`);
  return result;

  function shown(result: SparkPipelineResult): SparkPipelineResult {
    const counts = Object.entries(result.counts).map(([state, count]) => `${count} ${state.toLowerCase()}`);
    print(`${result.state}  ${counts.join(', ')}`);
    for (const [name, value] of Object.entries(result.outputs)) print(`  ${name} = ${JSON.stringify(value)}`);
    return result;
  }
}
