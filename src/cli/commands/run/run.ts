import { WorkflowIdConflictPolicy } from '@temporalio/client';
import type { SparkApplication, SparkPipeline } from '../../../manifest/index.ts';
import { sparkApplicationWorkflowId } from '../../../protocol/index.ts';
import { present } from '../../../validation/present.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { inEachFile, readRunnables } from '../../read-manifests.ts';
import { followOutput, printFor } from '../../output/follow-output.ts';
import { withTemporal, type Temporal } from '../../temporal.ts';
import type { StartedApplication } from './follow.ts';
import { followStarted } from './follow-started.ts';
import { Conflict, type RunFlags, type StartFlags } from './start-flags.ts';

/** Starts the applications or pipelines of files; with `follow`, shows state changes and ends with their result. */
export async function run(files: readonly string[], flags: RunFlags): Promise<ExitCode> {
  // Every manifest is checked before the first one is started.
  const others: object[] = [];
  const addOthers = (objects: readonly object[]): void => void others.push(...objects);
  const options = present({ prune: flags.prune, onOthers: flags.withOthers === true ? addOthers : undefined });
  const read = await inEachFile(files, async (file) => [await readRunnables(file, options)]);
  const applications = read.flatMap((each) => each.applications);
  const pipelines = read.flatMap((each) => each.pipelines);
  const named = files.join(', ');
  if (pipelines.length === 0 && (flags.parameter !== undefined || flags.run !== undefined)) {
    throw new CliError(
      ExitCode.BadInput,
      `No SparkPipeline in ${named}: --parameter and --run are for pipelines only.`,
    );
  }
  if (pipelines.length > 0 && applications.length > 0) {
    throw new CliError(
      ExitCode.BadInput,
      `Both applications and pipelines in ${named}; put them in separate files and run one kind at a time.`,
    );
  }
  refuseRepeated([...applications, ...pipelines], named);
  if (others.length > 0) {
    const { createOthersOn } = await import('./create-others.ts');
    await createOthersOn(flags.kubeContext, others, (line) => console.error(line));
  }
  return pipelines.length === 0 ? start(applications, flags) : startPipelines(pipelines, flags);
}

/** @throws CliError, because the second one could not be started while the first runs */
function refuseRepeated(manifests: readonly (SparkApplication | SparkPipeline)[], files: string): void {
  const seen = new Set<string>();
  for (const { kind, metadata } of manifests) {
    const text = `${kind} ${metadata.namespace}/${metadata.name}`;
    if (seen.has(text))
      throw new CliError(ExitCode.BadInput, `${text} is in ${files} more than once; remove or rename one.`);
    seen.add(text);
  }
}

async function startPipelines(pipelines: readonly SparkPipeline[], flags: RunFlags): Promise<ExitCode> {
  const { followPipelines, startPipeline } = await import('./run-pipeline.ts');
  const print = printFor(flags.output);
  return withTemporal(flags, async (temporal) => {
    const handles = await Promise.all(pipelines.map((pipeline) => startPipeline(temporal, pipeline, flags, print)));
    if (!flags.follow) {
      if (flags.output === 'json')
        console.log(JSON.stringify(handles.map(({ workflowId, runId }) => ({ workflowId, runId }))));
      else for (const { workflowId } of handles) print(`  To see it: temporal-spark describe ${workflowId}`);
      return ExitCode.Ok;
    }
    const results = await followPipelines(handles, await followOutput(flags.output));
    if (flags.output === 'json') console.log(JSON.stringify(results.length === 1 ? results[0] : results));
    return results.every(({ state }) => state === 'COMPLETED') ? ExitCode.Ok : ExitCode.Failed;
  });
}

/** Starts valid applications. */
export async function start(applications: readonly SparkApplication[], flags: StartFlags): Promise<ExitCode> {
  const conflict =
    flags.conflict === Conflict.Attach ? WorkflowIdConflictPolicy.USE_EXISTING : WorkflowIdConflictPolicy.FAIL;
  return withTemporal(flags, async (temporal) => {
    const started: StartedApplication[] = [];
    for (const application of applications) {
      const running = flags.conflict === Conflict.Attach ? await runningRun(temporal, application) : undefined;
      const handle = await temporal.spark.start(application, { checked: true, conflict });
      started.push({
        handle,
        isAttached: handle.runId === running,
        ...present({ attemptsAtMost: attemptsAtMost(application) }),
      });
    }
    return followStarted(temporal, started, flags);
  });
}

/** The first run of the application that runs, if it does. */
async function runningRun({ client }: Temporal, { metadata }: SparkApplication): Promise<string | undefined> {
  const { namespace, name } = metadata;
  try {
    const { raw, status } = await client.workflow.getHandle(sparkApplicationWorkflowId(namespace, name)).describe();
    return status.name === 'RUNNING' ? (raw.workflowExecutionInfo?.firstRunId ?? undefined) : undefined;
  } catch {
    // It is only reported; the start itself has the errors.
    return undefined;
  }
}

function attemptsAtMost({ spec: { restartPolicy } }: SparkApplication): number | undefined {
  if (restartPolicy?.type === 'Always') return undefined;
  return restartPolicy?.type === 'OnFailure' ? (restartPolicy.onFailureRetries ?? 0) + 1 : 1;
}
