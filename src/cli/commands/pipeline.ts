import { PipelineRerunError, type SparkPipelineHandle } from '../../client/index.ts';
import { CliError, ExitCode } from '../exit-code.ts';
import { withTemporal, type TemporalOptions } from '../temporal.ts';
import { followPipeline } from './run/run-pipeline.ts';

const PREFIX = 'pipeline/';

/** Asks something of a pipeline that runs, and says what was asked. */
export async function askPipeline(
  workflowId: string,
  options: TemporalOptions,
  ask: (pipeline: SparkPipelineHandle) => Promise<void>,
  done: string,
): Promise<ExitCode> {
  return withTemporal(options, async ({ spark }) => {
    await ask(spark.pipelines.get(checked(workflowId))).catch(explain);
    console.log(`${workflowId} ${done}`);
    return ExitCode.Ok;
  });
}

export interface RerunOptions extends TemporalOptions {
  readonly from?: readonly string[];
  readonly run?: string;
  readonly follow: boolean;
}

/** Starts another run of a pipeline that has ended, with what succeeded kept. */
export async function rerun(workflowId: string, { from, run, follow, ...options }: RerunOptions): Promise<ExitCode> {
  return withTemporal(options, async ({ spark }) => {
    const handle = await spark.pipelines
      .rerun(checked(workflowId), {
        ...(from === undefined ? {} : { from }),
        ...(run === undefined ? {} : { run }),
      })
      .catch(explain);
    console.log(`Started ${handle.workflowId} (run ${handle.runId})`);
    if (!follow) return ExitCode.Ok;
    const { state } = await followPipeline(handle, console.log);
    return state === 'COMPLETED' ? ExitCode.Ok : ExitCode.Failed;
  });
}

function checked(workflowId: string): string {
  if (workflowId.startsWith(PREFIX)) return workflowId;
  throw new CliError(ExitCode.BadInput, `"${workflowId}" is no pipeline's workflow id: pipeline/<name>/<run>.`);
}

/** A refusal of the workflow's own says what is wrong. */
function explain(error: unknown): never {
  if (error instanceof Error && error.name === 'WorkflowUpdateFailedError' && error.cause instanceof Error) {
    throw new CliError(ExitCode.BadInput, error.cause.message, error);
  }
  if (error instanceof PipelineRerunError) throw new CliError(ExitCode.BadInput, error.message, error);
  throw error;
}
