import type { Command } from 'commander';
import type { SparkPipelineHandle } from '../../client/index.ts';
import { CliError, ExitCode } from '../exit-code.ts';
import { addTemporalFlags, repeated, type CommandContext, type TemporalFlags } from '../flags.ts';
import { withTemporal } from '../temporal.ts';
import { present } from '../../validation/present.ts';

const PREFIX = 'pipeline/';

interface RerunFlags extends TemporalFlags {
  readonly from?: readonly string[];
  readonly run?: string;
  readonly follow: boolean;
}

/** `temporal-spark pipeline …`: requests to one run of a pipeline. */
export function declarePipeline(program: Command, { end }: CommandContext): void {
  const pipeline = program.command('pipeline').description('Control a pipeline run; start one with temporal-spark run');
  const declare = (name: string, description: string) =>
    addTemporalFlags(pipeline.command(name))
      .description(description)
      .argument('<pipeline>', 'Workflow id: pipeline/<namespace>/<name>/<run>');

  declare('pause', 'Start no more stages; running stages continue')
    .option('--note <text>', 'Reason, shown by describe')
    .action(async (id: string, { note, ...flags }: TemporalFlags & { note?: string }) =>
      end(await request(id, flags, (run) => run.pause(note), 'is paused')),
    );
  declare('resume', 'Start stages again after a pause').action(async (id: string, flags: TemporalFlags) =>
    end(await request(id, flags, (run) => run.resume(), 'is resumed')),
  );
  declare('cancel', 'Stop running stages gracefully, then run the clean-up stages').action(
    async (id: string, flags: TemporalFlags) =>
      end(await request(id, flags, (run) => run.cancel(), 'is being cancelled')),
  );
  declare('cancel-stage', 'Stop one stage gracefully; the failure policy decides about the others')
    .argument('<stage>', 'Name of the stage')
    .action(async (id: string, stage: string, flags: TemporalFlags) =>
      end(await request(id, flags, (run) => run.cancelStage(stage), `: ${stage} is being cancelled`)),
    );
  declare('rerun', 'Run a pipeline again with the same parameters; keeps succeeded stages and items with their outputs')
    .option('--from <stage>', 'Also run this stage and all that depend on it again; may be repeated', repeated)
    .option('--run <name>', 'Name of the new run (default: the current time)')
    .option('-f, --follow', 'Show state changes of stages until the pipeline ends', false)
    .action(async (id: string, flags: RerunFlags) => end(await rerun(id, flags)));
}

/** Sends one request and reports it. */
async function request(
  workflowId: string,
  flags: TemporalFlags,
  ask: (pipeline: SparkPipelineHandle) => Promise<void>,
  done: string,
): Promise<ExitCode> {
  return withTemporal(flags, async ({ spark }) => {
    const found = await spark.pipelines.find(checked(workflowId));
    await ask(found).catch(explain);
    console.log(`${found.workflowId} ${done}`);
    return ExitCode.Ok;
  });
}

async function rerun(workflowId: string, { from, run, follow, ...flags }: RerunFlags): Promise<ExitCode> {
  return withTemporal(flags, async ({ spark }) => {
    const handle = await spark.pipelines
      .rerun(checked(workflowId), {
        ...present({ from, run }),
      })
      .catch(explain);
    console.log(`Started ${handle.workflowId} (run ${handle.runId})`);
    if (!follow) return ExitCode.Ok;
    const { followPipeline } = await import('./run/run-pipeline.ts');
    const { state } = await followPipeline(handle, console.log);
    return state === 'COMPLETED' ? ExitCode.Ok : ExitCode.Failed;
  });
}

function checked(workflowId: string): string {
  if (workflowId.startsWith(PREFIX)) return workflowId;
  throw new CliError(
    ExitCode.BadInput,
    `"${workflowId}" is not the workflow id of a pipeline run; write pipeline/<namespace>/<name>/<run>.`,
  );
}

/** Rejections by the workflow itself are bad input. By name: the client's library is not loaded for it. */
function explain(error: unknown): never {
  if (error instanceof Error && error.name === 'WorkflowUpdateFailedError' && error.cause instanceof Error) {
    throw new CliError(ExitCode.BadInput, error.cause.message, error);
  }
  if (error instanceof Error && error.name === 'PipelineRerunError') {
    throw new CliError(ExitCode.BadInput, error.message, error);
  }
  throw error;
}
