import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowIdConflictPolicy } from '@temporalio/client';
import { SparkPipelineFailedError, type SparkPipelineHandle } from '../../../client/index.ts';
import type { SparkPipeline } from '../../../manifest/index.ts';
import type { SparkPipelineResult, SparkPipelineStatus } from '../../../protocol/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { workflowLink } from '../../output/workflow-link.ts';
import type { Temporal } from '../../temporal.ts';
import { readParameters } from './read-parameters.ts';
import { Conflict, type RunFlags } from './start-flags.ts';
import { present } from '../../../validation/present.ts';

const POLL_MS = 1_000;

/** Starts a pipeline; with `follow`, shows state changes of its stages and waits for its result. */
export async function runPipeline(
  temporal: Temporal,
  pipeline: SparkPipeline,
  { parameter = [], run, conflict, uiUrl, follow }: RunFlags,
  print: (line: string) => void,
): Promise<{ readonly workflowId: string; readonly runId: string; readonly result?: SparkPipelineResult }> {
  const handle = await temporal.spark.pipelines.start(pipeline, {
    checked: true,
    parameters: readParameters(parameter, pipeline.spec),
    ...present({ run }),
    conflict: conflict === Conflict.Attach ? WorkflowIdConflictPolicy.USE_EXISTING : WorkflowIdConflictPolicy.FAIL,
  });
  const started = { workflowId: handle.workflowId, runId: handle.runId! };
  print(`Started ${handle.workflowId} (run ${handle.runId})`);
  if (uiUrl !== undefined) print(`  ${workflowLink(uiUrl, temporal.namespace, started)}`);
  if (!follow) {
    print(`  To see it: temporal-spark describe ${handle.workflowId}`);
    return started;
  }
  return { ...started, result: await followPipeline(handle, print) };
}

/** Shows each state change of a stage until the end; Ctrl-C stops only the output. */
export async function followPipeline(
  handle: SparkPipelineHandle,
  print: (line: string) => void,
): Promise<SparkPipelineResult> {
  const begun = Date.now();
  const over = new AbortController();
  const detach = () => {
    print(
      `\nDetached; the pipeline keeps running.\n  To see it:     temporal-spark describe ${handle.workflowId}\n  To cancel it:  temporal-spark pipeline cancel ${handle.workflowId}`,
    );
    process.exit(130);
  };
  process.once('SIGINT', detach);
  const outcome = handle
    .result()
    .catch((error: unknown) => {
      if (error instanceof SparkPipelineFailedError) return error;
      throw error;
    })
    .finally(() => over.abort());
  const seen = new Map<string, string>();
  const show = ({ stages }: SparkPipelineStatus) => {
    for (const { name, state, reason, message, items, attempts = 1, waitingFor } of stages) {
      const facts = [
        items === undefined ? undefined : `${items.succeeded} of ${items.total}`,
        attempts > 1 && items === undefined ? `attempt ${attempts}` : undefined,
        waitingFor === undefined ? undefined : `waiting for ${waitingFor}`,
        reason,
        message?.split('\n', 1)[0],
      ];
      const line = `${state}  ${facts.filter(Boolean).join(', ')}`.trimEnd();
      if (line !== (seen.get(name) ?? 'PENDING')) {
        print(`${`${((Date.now() - begun) / 1000).toFixed(0)} s`.padStart(6)}  ${name.padEnd(20)} ${line}`);
      }
      seen.set(name, line);
    }
  };
  try {
    while (!over.signal.aborted) {
      await handle.status().then(show, () => undefined);
      await delay(POLL_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
    const ended = await outcome;
    await handle.status().then(show, () => undefined);
    if (!(ended instanceof SparkPipelineFailedError)) return shown(ended);
    if (ended.result === undefined)
      throw new CliError(ExitCode.Failed, `${handle.workflowId}: ${ended.message}`, ended);
    print(ended.message);
    if (ended.result.state === 'FAILED') {
      print(`  To run the rest again: temporal-spark pipeline rerun ${handle.workflowId}`);
    }
    return shown(ended.result);
  } finally {
    process.off('SIGINT', detach);
  }

  function shown(result: SparkPipelineResult): SparkPipelineResult {
    const counts = Object.entries(result.counts).map(([state, count]) => `${count} ${state.toLowerCase()}`);
    print(`${result.state}  ${counts.join(', ')}`);
    for (const [name, value] of Object.entries(result.outputs)) print(`  ${name} = ${JSON.stringify(value)}`);
    return result;
  }
}
