import { Option, type Command } from 'commander';
import type { PipelineRerunPlan, SparkClient, SparkPipelineHandle } from '../../client/index.ts';
import { ExitCode } from '../exit-code.ts';
import {
  addTemporalFlags,
  namespaceFlag,
  PIPELINE_RUN,
  repeated,
  setFlag,
  type CommandContext,
  type NamespaceFlags,
  type TemporalFlags,
} from '../flags.ts';
import { printable } from '../output/printable.ts';
import { table } from '../output/table.ts';
import { withTemporal, type Temporal } from '../temporal.ts';
import { present } from '../../validation/present.ts';

type RequestFlags = TemporalFlags & NamespaceFlags;

interface RerunFlags extends RequestFlags {
  readonly set?: readonly string[];
  readonly from?: readonly string[];
  readonly run?: string;
  readonly follow: boolean;
  readonly dryRun?: boolean;
}

/** `temporal-spark pipeline …`: requests to one run of a pipeline. */
export function declarePipeline(program: Command, { end }: CommandContext): void {
  const pipeline = program.command('pipeline').description('Control a pipeline run; start one with temporal-spark run');
  const declare = (name: string, description: string) =>
    addTemporalFlags(pipeline.command(name))
      .description(description)
      .argument('<pipeline>', PIPELINE_RUN)
      .addOption(namespaceFlag());

  declare('pause', 'Start no more stages; running stages continue')
    .option('--note <text>', 'Reason, shown by describe')
    .action(async (id: string, { note, ...flags }: RequestFlags & { note?: string }) =>
      end(
        await request('pause', id, flags, async (run) => {
          await run.pause(note);
          return `${run.workflowId} is paused`;
        }),
      ),
    );
  declare('resume', 'Start stages again after a pause').action(async (id: string, flags: RequestFlags) =>
    end(
      await request('resume', id, flags, async (run) => {
        await run.resume();
        return `${run.workflowId} is resumed`;
      }),
    ),
  );
  declare('cancel', 'Stop running stages gracefully, then run the clean-up stages').action(
    async (id: string, flags: RequestFlags) => end(await request('cancel', id, flags, cancel)),
  );
  declare('cancel-stage', 'Stop one stage gracefully; the failure policy decides about the others')
    .argument('<stage>', 'Name of the stage')
    .action(async (id: string, stage: string, flags: RequestFlags) =>
      end(
        await request('cancel', id, flags, async (run) => {
          await run.cancelStage(stage);
          return `Stage ${stage} of ${run.workflowId} is being cancelled`;
        }),
      ),
    );
  declare('rerun', 'Run a pipeline again with the same parameters; keeps succeeded stages and items with their outputs')
    .option('--from <stage>', 'Also run this stage and all that depend on it again; may be repeated', repeated)
    .addOption(setFlag())
    .option('--run <name>', 'Name of the new run (default: the current time)')
    .addOption(
      new Option('--dry-run', 'Print which stages would run and which are kept; starts nothing').conflicts('follow'),
    )
    .option('-f, --follow', 'Show state changes of stages until the pipeline ends', false)
    .action(async (id: string, flags: RerunFlags) => end(await rerun(id, flags)));
}

/** Sends one request and prints what it does. */
async function request(
  verb: 'pause' | 'resume' | 'cancel',
  given: string,
  flags: RequestFlags,
  send: (run: SparkPipelineHandle, temporal: Temporal) => Promise<string>,
): Promise<ExitCode> {
  const { findPipelineRun } = await import('../find-kind.ts');
  return withTemporal(flags, async (temporal) => {
    const workflowId = await findPipelineRun(temporal, given, { namespace: flags.namespace, verb });
    console.log(await send(temporal.spark.pipelines.get(workflowId), temporal));
    return ExitCode.Ok;
  });
}

async function cancel(run: SparkPipelineHandle, temporal: Temporal): Promise<string> {
  const { workflowId } = run;
  await run.cancel();
  // Temporal records a cancel without a worker.
  const { silenceOf } = await import('../silence.ts');
  const silence = await silenceOf(temporal, workflowId);
  return silence === undefined
    ? `${workflowId} is being cancelled`
    : `${workflowId} will be cancelled when a worker runs: ${silence}`;
}

async function rerun(
  given: string,
  { from, run, set, follow, dryRun = false, namespace, ...flags }: RerunFlags,
): Promise<ExitCode> {
  const { findPipelineRun } = await import('../find-kind.ts');
  return withTemporal(flags, async (temporal) => {
    const { spark } = temporal;
    const workflowId = await findPipelineRun(temporal, given, { namespace, verb: 'rerun' });
    const manifest = set === undefined ? undefined : await changedManifest(spark, workflowId, set);
    if (dryRun) {
      console.log(planText(await spark.pipelines.planRerun(workflowId, present({ from, manifest }))));
      return ExitCode.Ok;
    }
    const handle = await spark.pipelines.rerun(workflowId, present({ from, run, manifest }));
    console.log(`Started ${handle.workflowId} (run ${handle.runId})`);
    if (!follow) {
      console.log(`  To see it: temporal-spark describe ${handle.workflowId}`);
      return ExitCode.Ok;
    }
    const { followPipelines } = await import('./run/run-pipeline.ts');
    const { followOutput } = await import('../output/follow-output.ts');
    const [ended] = await followPipelines([handle], await followOutput('text'));
    return ended?.state === 'COMPLETED' ? ExitCode.Ok : ExitCode.Failed;
  });
}

/** What a rerun would do, stage by stage. */
function planText({ workflowId, manifest, parameters, scheduleTime, keep }: PipelineRerunPlan): string {
  const { stages } = manifest.spec;
  const again = stages.filter(({ name }) => keep[name] === undefined || keep[name].done !== undefined);
  const rows = stages.map(({ name }) => {
    const kept = keep[name];
    if (kept === undefined) return [name, 'runs again'];
    return [
      name,
      kept.done === undefined ? 'kept with its outputs' : 'runs again, except for the items that succeeded',
    ];
  });
  const [, ...lines] = table(['', ''], rows);
  return [
    `A new run would start with the logical time and the parameters of ${workflowId}: ` +
      `${again.length} of ${stages.length} stages run.`,
    printable(`  ${[`time ${scheduleTime}`, ...parametersText(parameters)].join(', ')}`),
    '',
    ...lines.map((line) => `  ${line}`),
    '',
    'Nothing was started. To start it, leave out --dry-run.',
  ].join('\n');
}

const parametersText = (parameters: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(parameters).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);

async function changedManifest(spark: SparkClient, workflowId: string, set: readonly string[]) {
  const { withValues } = await import('../set-values.ts');
  const { manifest } = await spark.pipelines.manifest(workflowId);
  return withValues(manifest, set);
}
