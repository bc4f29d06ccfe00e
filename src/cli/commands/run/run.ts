import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowIdConflictPolicy } from '@temporalio/client';
import { SparkApplicationFailedError, type SparkApplicationHandle } from '../../../client/index.ts';
import type { SparkApplication, SparkPipeline } from '../../../manifest/index.ts';
import { remedyOf, type SparkApplicationResult } from '../../../protocol/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { workflowLink } from '../../output/workflow-link.ts';
import { readRunnables } from '../../read-manifests.ts';
import { withTemporal, type Temporal } from '../../temporal.ts';
import { Conflict, type RunFlags, type StartFlags } from './start-flags.ts';

const POLL_MS = 1_000;
const NO_WORKER_AFTER_MS = 5_000;

/** Starts the applications or pipelines of a file; with `follow`, shows state changes and ends with their result. */
export async function run(file: string, flags: RunFlags): Promise<ExitCode> {
  // Every manifest is checked before the first one is started.
  const { applications, pipelines } = await readRunnables(file, flags);
  if (pipelines.length === 0 && (flags.parameter !== undefined || flags.run !== undefined)) {
    throw new CliError(
      ExitCode.BadInput,
      `${file} has no SparkPipeline: --parameter and --run are for pipelines only.`,
    );
  }
  if (pipelines.length === 0) return start(applications, flags);
  if (applications.length > 0) {
    throw new CliError(ExitCode.BadInput, `${file} has both applications and pipelines; put them in separate files.`);
  }
  return startPipelines(pipelines, flags);
}

async function startPipelines(pipelines: readonly SparkPipeline[], flags: RunFlags): Promise<ExitCode> {
  const { runPipeline } = await import('./run-pipeline.ts');
  const print = (line: string) => (flags.output === 'json' ? console.error(line) : console.log(line));
  return withTemporal(flags, async (temporal) => {
    const runs = await Promise.all(pipelines.map((pipeline) => runPipeline(temporal, pipeline, flags, print)));
    if (flags.output === 'json') {
      const printed = runs.map(({ result, ...started }) => (flags.follow ? result : started));
      console.log(JSON.stringify(flags.follow && printed.length === 1 ? printed[0] : printed));
    }
    return runs.every(({ result }) => !flags.follow || result?.state === 'COMPLETED') ? ExitCode.Ok : ExitCode.Failed;
  });
}

/** Starts valid applications. */
export async function start(applications: readonly SparkApplication[], flags: StartFlags): Promise<ExitCode> {
  const print = (line: string) => (flags.output === 'json' ? console.error(line) : console.log(line));
  return withTemporal(flags, async (temporal) => {
    const started: SparkApplicationHandle[] = [];
    for (const application of applications) {
      const handle = await temporal.spark.start(application, {
        checked: true,
        conflict:
          flags.conflict === Conflict.Attach ? WorkflowIdConflictPolicy.USE_EXISTING : WorkflowIdConflictPolicy.FAIL,
      });
      print(`Started ${handle.workflowId} (run ${handle.runId})`);
      if (flags.uiUrl !== undefined) print(`  ${workflowLink(flags.uiUrl, temporal.namespace, handle)}`);
      started.push(handle);
    }
    if (!flags.follow) {
      if (flags.output === 'json')
        console.log(JSON.stringify(started.map(({ workflowId, runId }) => ({ workflowId, runId }))));
      else for (const { workflowId } of started) print(`  To see it: temporal-spark describe ${workflowId}`);
      return ExitCode.Ok;
    }
    const results = await Promise.all(started.map((handle) => follow(temporal, handle, started.length > 1, print)));
    if (flags.output === 'json') console.log(JSON.stringify(results.length === 1 ? results[0] : results));
    return results.every((result) => result?.state === 'COMPLETED') ? ExitCode.Ok : ExitCode.Failed;
  });
}

/** Shows each state change until the end; Ctrl-C stops only the output. */
async function follow(
  temporal: Temporal,
  handle: SparkApplicationHandle,
  several: boolean,
  print: (line: string) => void,
): Promise<SparkApplicationResult | undefined> {
  const begun = Date.now();
  const show = (line: string) => {
    const elapsed = `${((Date.now() - begun) / 1000).toFixed(0)} s`.padStart(6);
    print(`${elapsed}  ${several ? `${handle.workflowId}  ` : ''}${line}`);
  };
  const over = new AbortController();
  const detach = () => {
    print(
      `\nDetached; the application keeps running.\n  To see it:   temporal-spark describe ${handle.workflowId}\n  To stop it:  temporal-spark kill ${handle.workflowId}`,
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
      showEnd(ended.result, show, print);
      return ended.result;
    }
    showEnd(ended, show, print);
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
  let problem = '';
  let warned = false;
  while (!over.aborted) {
    const { status, pending, taskQueue } = await handle.describe();
    const failing = pending.find(({ lastFailure }) => lastFailure !== undefined);
    // The final state is shown with the result.
    if (status !== undefined && status.state !== state && status.finishedAt === undefined && !over.aborted) {
      state = status.state;
      show(
        `${state}${status.driverPodName === undefined ? '' : `  driver ${status.namespace}/${status.driverPodName}`}`,
      );
    }
    const now = failing === undefined ? '' : `${failing.activity}: ${failing.lastFailure}`;
    if (now !== problem && now !== '') show(`attempt ${failing!.attempt} of ${now}`);
    problem = now;
    if (!warned && status === undefined && Date.now() - begun > NO_WORKER_AFTER_MS) {
      warned = true;
      if (!(await hasWorker(client, taskQueue))) {
        show(`No worker polls task queue "${taskQueue}". To start one: temporal-spark worker`);
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

function showEnd(result: SparkApplicationResult, show: (line: string) => void, print: (line: string) => void): void {
  const { state, exitCode, reason, message, failure, logTail, driverPodName } = result;
  const facts = [failure?.cause, exitCode === undefined ? undefined : `exit code ${exitCode}`, reason];
  // The cause of a driver without a log has them.
  const isNamed = (fact: string | undefined, index: number): boolean =>
    fact !== undefined && (index === 0 || failure?.cause.includes(fact) !== true);
  show(`${state}  ${facts.filter(isNamed).join(', ')}`);
  if (state === 'COMPLETED') return;
  for (const frame of failure?.frames ?? []) print(`  at ${frame}`);
  // The log has the exception that it repeats.
  if (message !== undefined && logTail === undefined) print(message.trimEnd());
  if (logTail !== undefined) print(`--- end of the log of ${driverPodName}\n${logTail.trimEnd()}\n---`);
  const remedy = remedyOf(failure) ?? remedies[reason ?? ''];
  if (remedy !== undefined) print(remedy);
}

/** Remedies for failures before the application's own code runs. */
const remedies: Readonly<Record<string, string>> = {
  ImagePullBackOff: 'Check spec.image, and spec.imagePullSecrets if the registry needs credentials.',
  ErrImagePull: 'Check spec.image, and spec.imagePullSecrets if the registry needs credentials.',
  InvalidImageName: 'Check spec.image.',
  CreateContainerConfigError: 'Create the ConfigMap or Secret that the driver refers to, or fix its name.',
  ServiceAccountNotFound: 'Create the service account, or set another in spec.driver.serviceAccount.',
  NamespaceNotFound: 'Create the namespace, or set another in metadata.namespace.',
  OOMKilled: 'Increase spec.driver.memory or spec.driver.memoryOverhead.',
};
