import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger } from '@temporalio/worker';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createSparkActivities } from '../../src/activities/index.ts';
import { run } from '../../src/cli/commands/run/run.ts';
import type { RunFlags } from '../../src/cli/commands/run/start-flags.ts';
import { withTemporal } from '../../src/cli/temporal.ts';
import { Resources, type KubernetesClient, type KubernetesObject } from '../../src/kubernetes/index.ts';
import { parseManifests } from '../../src/manifest/index.ts';
import type { SubmitInput } from '../../src/protocol/index.ts';
import { noKubernetes } from '../../test/support/no-kubernetes.ts';
import { SteppedWorkflow } from '../../test/support/stepped-workflow.ts';
import { without, type Coverage, type Ran, type Runs } from './coverage.ts';
import type { Frontend } from './frontend.ts';

/** What a stage is measured with. */
export interface Setting {
  /** The manifest. */
  readonly file: string;
  readonly coverage: Coverage;
  readonly frontend: Frontend;
}

/** From the file to the request that starts the workflow, without what a client does that starts nothing. */
export async function clientStage({ file, coverage, frontend }: Setting): Promise<readonly Ran[]> {
  const flags: RunFlags = { ...{ address: frontend.address, follow: false, conflict: 'attach' }, output: 'json' };
  const start = () => quietly(() => run([file], flags));
  // The first time loads what is loaded late, and runs what a module runs once.
  await start();
  await coverage.take();
  await withTemporal(flags, async () => undefined);
  const idle = await coverage.take();
  let runs: Runs | undefined;
  frontend.onCall = async (method) => {
    if (method === 'StartWorkflowExecution') runs ??= await coverage.take();
  };
  await start();
  frontend.onCall = async () => undefined;
  return without(known(runs, 'No workflow was started'), idle);
}

/** From the start of the workflow to its submit activity, without what a workflow of another type runs. */
export async function workflowStage({
  file,
  coverage,
}: Setting): Promise<{ readonly ran: readonly Ran[]; readonly input: SubmitInput }> {
  const args = parseManifests(readFileSync(file, 'utf8'));
  await SteppedWorkflow.start({ args });
  await coverage.take();
  await SteppedWorkflow.start({ type: 'step', args: [{ hold: true }] });
  const idle = await coverage.take();
  const workflow = await SteppedWorkflow.start({ args });
  const ran = without(await coverage.take(), idle);
  return { ran, input: workflow.pending('submitSparkApplication').input as unknown as SubmitInput };
}

/** From the submit activity to the request that creates the driver pod. */
export async function workerStage({ coverage, frontend }: Setting, input: SubmitInput): Promise<readonly Ran[]> {
  const connection = await Connection.connect({ address: frontend.address });
  const environment = new MockActivityEnvironment({}, { client: new Client({ connection }), logger: silent });
  let runs: Runs | undefined;
  const kubernetes = () =>
    emptyCluster(async () => {
      runs ??= await coverage.take();
    });
  const submit = async () => {
    const activities = createSparkActivities({ kubernetes: kubernetes() });
    await coverage.take();
    runs = undefined;
    await environment.run((given: SubmitInput) => activities.submitSparkApplication(given), input);
  };
  // The first time runs what a module runs once.
  await submit();
  await submit();
  await connection.close();
  return [...known(runs, 'No driver pod was created').values()];
}

const silent = new DefaultLogger('ERROR');

/** A cluster of one node, without pods. */
function emptyCluster(onPod: () => Promise<void>): KubernetesClient {
  const node = {
    ...{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: {} },
    status: { allocatable: { cpu: '8', memory: '32Gi', pods: '110' } },
  };
  const pods = new Map<string, KubernetesObject>();
  return {
    ...noKubernetes(),
    get: async (_resource, _namespace, name) => pods.get(name) as never,
    create: async (resource, object, { dryRun = false } = {}) => {
      const created = { ...object, metadata: { ...object.metadata, uid: 'made-up' } };
      if (dryRun || resource.plural !== Resources.pods.plural) return created;
      await onPod();
      pods.set(object.metadata!.name!, created);
      return created;
    },
    watch: () => ({
      ready: Promise.resolve(),
      get: () => undefined,
      list: () => [node] as never,
      subscribe: () => () => undefined,
      release: () => undefined,
    }),
  };
}

function known<T>(value: T | undefined, problem: string): T {
  if (value === undefined) throw new Error(problem);
  return value;
}

/** Without what a command prints. */
async function quietly(work: () => Promise<unknown>): Promise<void> {
  const { log, error } = console;
  console.log = console.error = () => undefined;
  try {
    await work();
  } finally {
    Object.assign(console, { log, error });
  }
}
