import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowIdConflictPolicy } from '@temporalio/client';
import { SparkApplicationFailedError, type SparkApplicationHandle } from '../../../client/index.ts';
import type { SparkApplication, SparkPipeline } from '../../../manifest/index.ts';
import type { SparkApplicationResult } from '../../../protocol/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { readRunnables } from '../../read-manifests.ts';
import { Conflict, type RunOptions, type StartOptions } from './start-flags.ts';
import { withTemporal, type Temporal } from '../../temporal.ts';
import { workflowLink } from '../../output/workflow-link.ts';

const POLL_MS = 1_000;
const NO_WORKER_AFTER_MS = 5_000;

/** Starts the applications and pipelines of a file; with `follow`, shows how they go and ends as they end. */
export async function run(file: string, options: RunOptions): Promise<ExitCode> {
  // Everything is read and checked before anything is started.
  const { applications, pipelines } = await readRunnables(file, options);
  if (pipelines.length === 0 && (options.parameter !== undefined || options.run !== undefined)) {
    throw new CliError(ExitCode.BadInput, `${file}: --parameter and --run are for pipelines, and here is none.`);
  }
  if (pipelines.length === 0) return start(applications, options);
  if (applications.length > 0) {
    throw new CliError(ExitCode.BadInput, `${file}: run applications and pipelines from files of their own.`);
  }
  return startPipelines(pipelines, options);
}

async function startPipelines(pipelines: readonly SparkPipeline[], options: RunOptions): Promise<ExitCode> {
  const { runPipeline } = await import('./run-pipeline.ts');
  const say = (line: string) => (options.output === 'json' ? console.error(line) : console.log(line));
  return withTemporal(options, async (temporal) => {
    const runs = await Promise.all(pipelines.map((pipeline) => runPipeline(temporal, pipeline, options, say)));
    if (options.output === 'json') {
      const printed = runs.map(({ result, ...started }) => (options.follow ? result : started));
      console.log(JSON.stringify(options.follow && printed.length === 1 ? printed[0] : printed));
    }
    return runs.every(({ result }) => !options.follow || result?.state === 'COMPLETED') ? ExitCode.Ok : ExitCode.Failed;
  });
}

/** Starts applications that have been checked. */
export async function start(applications: readonly SparkApplication[], options: StartOptions): Promise<ExitCode> {
  const say = (line: string) => (options.output === 'json' ? console.error(line) : console.log(line));
  return withTemporal(options, async (temporal) => {
    const started: SparkApplicationHandle[] = [];
    for (const application of applications) {
      const handle = await temporal.spark.start(application, {
        conflict:
          options.conflict === Conflict.Attach ? WorkflowIdConflictPolicy.USE_EXISTING : WorkflowIdConflictPolicy.FAIL,
      });
      say(`Started ${handle.workflowId} (run ${handle.runId})`);
      if (options.uiUrl !== undefined) say(`  ${workflowLink(options.uiUrl, temporal.namespace, handle)}`);
      started.push(handle);
    }
    if (!options.follow) {
      if (options.output === 'json')
        console.log(JSON.stringify(started.map(({ workflowId, runId }) => ({ workflowId, runId }))));
      else for (const { workflowId } of started) say(`  See it: temporal-spark describe ${workflowId}`);
      return ExitCode.Ok;
    }
    const results = await Promise.all(started.map((handle) => follow(temporal, handle, started.length > 1, say)));
    if (options.output === 'json') console.log(JSON.stringify(results.length === 1 ? results[0] : results));
    return results.every((result) => result?.state === 'COMPLETED') ? ExitCode.Ok : ExitCode.Failed;
  });
}

/** Shows each change until the end; Ctrl-C only stops showing. */
async function follow(
  temporal: Temporal,
  handle: SparkApplicationHandle,
  several: boolean,
  say: (line: string) => void,
): Promise<SparkApplicationResult | undefined> {
  const begun = Date.now();
  const show = (line: string) => {
    const elapsed = `${((Date.now() - begun) / 1000).toFixed(0)} s`.padStart(6);
    say(`${elapsed}  ${several ? `${handle.workflowId}  ` : ''}${line}`);
  };
  const over = new AbortController();
  const detach = () => {
    say(
      `\nNo longer following; the application goes on.\n  See it:  temporal-spark describe ${handle.workflowId}\n  End it:  temporal-spark kill ${handle.workflowId}`,
    );
    process.exit(130);
  };
  process.once('SIGINT', detach);
  const outcome = handle
    .result()
    .catch((error: unknown) => {
      if (error instanceof SparkApplicationFailedError) return error;
      throw error;
    })
    .finally(() => over.abort());
  try {
    await showChanges(temporal, handle, show, over.signal);
    const ended = await outcome;
    if (ended instanceof SparkApplicationFailedError) {
      if (ended.result === undefined)
        throw new CliError(ExitCode.Failed, `${handle.workflowId}: ${ended.message}`, ended);
      showEnd(ended.result, show, say);
      return ended.result;
    }
    showEnd(ended, show, say);
    return ended;
  } finally {
    process.off('SIGINT', detach);
  }
}

async function showChanges(
  { client }: Temporal,
  handle: SparkApplicationHandle,
  show: (line: string) => void,
  over: AbortSignal,
): Promise<void> {
  const begun = Date.now();
  let state = '';
  let trouble = '';
  let warned = false;
  while (!over.aborted) {
    const { status, pending, taskQueue } = await handle.describe();
    const failing = pending.find(({ lastFailure }) => lastFailure !== undefined);
    // What is final is shown with the result.
    if (status !== undefined && status.state !== state && status.finishedAt === undefined && !over.aborted) {
      state = status.state;
      show(
        `${state}${status.driverPodName === undefined ? '' : `  driver ${status.namespace}/${status.driverPodName}`}`,
      );
    }
    const now = failing === undefined ? '' : `${failing.activity}: ${failing.lastFailure}`;
    if (now !== trouble && now !== '') show(`trying again (${failing!.attempt}) ${now}`);
    trouble = now;
    if (!warned && status === undefined && Date.now() - begun > NO_WORKER_AFTER_MS) {
      warned = true;
      if (!(await hasWorker(client, taskQueue))) {
        show(`No worker polls the task queue "${taskQueue}": start one with  temporal-spark worker`);
      }
    }
    await delay(POLL_MS, undefined, { signal: over }).catch(() => undefined);
  }
}

async function hasWorker(client: Temporal['client'], taskQueue: string): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: 1, // workflow tasks
  });
  return (pollers ?? []).length > 0;
}

function showEnd(result: SparkApplicationResult, show: (line: string) => void, say: (line: string) => void): void {
  const facts = [result.exitCode === undefined ? undefined : `exit code ${result.exitCode}`, result.reason];
  show(`${result.state}  ${facts.filter((fact) => fact !== undefined).join(', ')}`);
  if (result.state === 'COMPLETED') return;
  if (result.message !== undefined) say(result.message.trimEnd());
  if (result.logTail !== undefined)
    say(`--- end of the log of ${result.driverPodName}\n${result.logTail.trimEnd()}\n---`);
  const remedy = remedies[result.reason ?? ''];
  if (remedy !== undefined) say(remedy);
}

/** What to do about the ways in which an application fails before its own code runs. */
const remedies: Readonly<Record<string, string>> = {
  ImagePullBackOff: 'Check spec.image, and spec.imagePullSecrets where the registry wants credentials.',
  ErrImagePull: 'Check spec.image, and spec.imagePullSecrets where the registry wants credentials.',
  InvalidImageName: 'Check spec.image.',
  CreateContainerConfigError: 'Create the ConfigMap or Secret that the driver names, or correct the name.',
  ServiceAccountNotFound: 'Create the service account, or name another in spec.driver.serviceAccount.',
  NamespaceNotFound: 'Create the namespace, or name another in metadata.namespace.',
  OOMKilled: 'Give the driver more memory (spec.driver.memory) or more overhead (spec.driver.memoryOverhead).',
};
