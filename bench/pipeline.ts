import { readFileSync } from 'node:fs';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { startLab } from '../lab/lab.ts';
import { progressPrinter } from '../lab/progress.ts';
import { applySparkRbac } from '../lab/spark-rbac.ts';
import type { PipelineStage, SparkPipelineManifest } from '../src/manifest/index.ts';
import { connectEnvironment, DriverRecorder } from '../test/support/environment.ts';
import { eventually } from '../lab/eventually.ts';
import { sparkPi } from '../test/support/manifests.ts';
import { startWorkerProcess } from '../lab/worker-process.ts';

const STAGES = Number(process.env['STAGES'] ?? 1000);
const LAYERS = 5;
const AT_ONCE = 200;
/** Fewer than Temporal's own suggestion, so that the pipeline continues as new in the middle of it all. */
const MAX_HISTORY_EVENTS = 1000;

/**
 * One pipeline of a thousand Spark applications on simulated nodes, two hundred at once, on one worker: whether each ran,
 * and ran once; how long all took; how long the longest of the pipeline's histories became, for it continues as new; and
 * what memory the worker took.
 */
export async function pipeline(): Promise<Record<string, number>> {
  const lab = await startLab({ mode: 'simulated', nodes: 20, onProgress: progressPrinter() });
  const env = await connectEnvironment({
    kubeconfig: lab.kubeconfig,
    temporalAddress: lab.temporal!.address,
    namespace: 'default',
  });
  await applySparkRbac(lab.kubeconfig, 'default');
  const drivers = new DriverRecorder(env.kubernetes, 'default');
  await drivers.ready;
  const worker = await startWorkerProcess({
    temporalAddress: env.temporalAddress,
    kubeconfig: env.kubeconfig,
    taskQueue: env.taskQueue,
  });
  try {
    const begun = performance.now();
    const run = await env.spark.pipelines.start(manifest(), { maxHistoryEvents: MAX_HISTORY_EVENTS });
    const ticker = setInterval(() => void progress(), 10_000);
    const progress = async () => {
      const { stages } = await run.status();
      console.error(
        `  ${((performance.now() - begun) / 1000).toFixed(0)} s: ${stages.filter(({ state }) => state === 'SUCCEEDED').length} of ${STAGES}`,
      );
    };
    const result = await run.result().finally(() => clearInterval(ticker));
    const seconds = (performance.now() - begun) / 1000;
    const { stages } = await run.status();
    const driversOf = countDrivers(drivers);
    const childRuns = await countRuns(env.client, run.workflowId);
    const histories = await historiesOf(env.client, run.workflowId, run.runId!);
    console.error(
      `  ${result.counts.SUCCEEDED ?? 0} succeeded, in ${histories.length} runs that continued each other as new`,
    );
    return {
      stages: stages.length,
      lost: stages.filter(({ name, state }) => state !== 'SUCCEEDED' || driversOf.get(name) === undefined).length,
      doubled: stages.filter(({ name }) => driversOf.get(name)! > 1 || childRuns.get(`${run.workflowId}/${name}`)! > 1)
        .length,
      seconds: Math.round(seconds),
      historyEvents: Math.max(...histories.map(({ events }) => events)),
      historyBytes: Math.max(...histories.map(({ bytes }) => bytes)),
      workerRssMiB: peakRssMiB(worker.pid),
    };
  } finally {
    await worker.end();
    drivers.stop();
    await env.close();
    await lab.stop();
  }
}

/** Layers of stages, each of which needs one of the layer before. */
function manifest(): SparkPipelineManifest {
  const width = Math.ceil(STAGES / LAYERS);
  const stages = Array.from({ length: STAGES }, (_, index): PipelineStage => {
    const layer = Math.floor(index / width);
    return {
      name: `s${index}`,
      template: 'pi',
      ...(layer === 0 ? {} : { dependsOn: [`s${index - width}`] }),
    };
  });
  const { spec } = sparkPi({ annotations: { 'lab.temporal-spark/run-seconds': '2' } });
  return {
    apiVersion: 'temporal-spark/v1alpha1',
    kind: 'SparkPipeline',
    metadata: { name: 'bench' },
    spec: {
      templates: {
        pi: {
          spec: {
            ...spec,
            driver: { ...spec.driver, coreRequest: '1m', memory: '450m' },
            executor: { ...spec.executor, coreRequest: '1m' },
          },
        },
      },
      maxConcurrentStages: AT_ONCE,
      stages,
    },
  };
}

function countDrivers(drivers: DriverRecorder): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { metadata } of drivers.seen.values()) {
    const stage = metadata?.labels?.['temporal-spark/stage'];
    if (stage !== undefined) counts.set(stage, (counts.get(stage) ?? 0) + 1);
  }
  return counts;
}

async function countRuns(client: Client, workflowId: string): Promise<Map<string, number>> {
  return eventually(
    'the list to know every child',
    async () => {
      const runs = new Map<string, number>();
      for await (const child of client.workflow.list({ query: `WorkflowId STARTS_WITH "${workflowId}/"` })) {
        runs.set(child.workflowId, (runs.get(child.workflowId) ?? 0) + 1);
      }
      return runs.size >= STAGES && runs;
    },
    { timeoutMs: 60_000 },
  );
}

/** Length and size of each history of a pipeline, from its first run on. */
async function historiesOf(
  client: Client,
  workflowId: string,
  firstRunId: string,
): Promise<{ events: number; bytes: number }[]> {
  const sizes: { events: number; bytes: number }[] = [];
  for (let runId: string | null | undefined = firstRunId; runId;) {
    const handle: WorkflowHandle = client.workflow.getHandle(workflowId, runId);
    const { historyLength, historySize = 0 } = await handle.describe();
    sizes.push({ events: historyLength, bytes: historySize });
    const { events } = await handle.fetchHistory();
    runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return sizes;
}

function peakRssMiB(pid: number): number {
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 1024);
}
