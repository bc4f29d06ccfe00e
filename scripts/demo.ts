// `npm run demo`: a real Spark application, end to end, in its own environment.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { Command, Option } from 'commander';
import { SparkApplicationFailedError, SparkClient, type SparkApplicationResult } from '../src/index.ts';
import { connectKubernetes } from '../src/kubernetes/index.ts';
import { parseManifests, type SparkApplicationManifest } from '../src/manifest/index.ts';
import { LabMode, type Lab } from '../lab/contract.ts';
import { startLab } from '../lab/lab.ts';
import { progressPrinter } from '../lab/progress.ts';
import { applySparkRbac } from '../lab/spark-rbac.ts';
import { startWorkerProcess, type WorkerProcess } from '../lab/worker-process.ts';
import { realModeSupport } from '../lab/real/support.ts';
import { playground } from './playground.ts';

const root = join(import.meta.dirname, '..');
const options = new Command('npm run demo --')
  .description('Brings up Temporal, Kubernetes and a worker, and runs a Spark application through them.')
  .addOption(new Option('--mode <mode>', 'where it runs').choices(['auto', 'real', 'simulated']).default('auto'))
  .option('--manifest <file>', 'the SparkApplication to run', 'examples/spark-pi.yaml')
  .option('--keep', 'leave everything up afterwards', false)
  .parse()
  .opts<{ mode: 'auto' | LabMode; manifest: string; keep: boolean }>();

const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort(new Error('interrupted')));
process.once('SIGTERM', () => stopping.abort(new Error('terminated')));

const begun = Date.now();
const timings: [string, number][] = [];
const mode = await chooseMode();
title(`Bringing up the environment (${mode})`);
const lab = await timed('environment', () =>
  startLab({ mode, onProgress: progressPrinter(print), signal: stopping.signal }),
);
let worker: WorkerProcess | undefined;
try {
  await applySparkRbac(lab.kubeconfig, 'default');
  title('Starting a worker');
  worker = await timed('worker', () => startWorker(lab));
  const result = await runApplication(lab);
  title(`${result.state}${result.exitCode === undefined ? '' : `, exit code ${result.exitCode}`}`);
  for (const [step, ms] of timings) print(`  ${step.padEnd(34)} ${(ms / 1000).toFixed(1).padStart(6)} s`);
  print(`  ${'in all'.padEnd(34)} ${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s`);
  if (result.state !== 'COMPLETED') process.exitCode = 1;
  if (options.keep) await keep(lab);
} catch (error) {
  if (!stopping.signal.aborted) throw error;
  print('Interrupted.');
  process.exitCode = 130;
} finally {
  title('Stopping everything');
  await worker?.end();
  await lab.stop();
}

async function chooseMode(): Promise<LabMode> {
  if (options.mode === LabMode.Simulated) return LabMode.Simulated;
  const support = await realModeSupport();
  if (support.supported) {
    print('Real mode: containers run here, and so does Spark.');
    return LabMode.Real;
  }
  if (options.mode === LabMode.Real) {
    console.error(`Real mode cannot run here: ${support.reason}`);
    process.exit(3);
  }
  print(`Simulated mode: pods are made up and no Spark runs, because ${support.reason}`);
  return LabMode.Simulated;
}

function startWorker({ temporal, kubeconfig }: Lab): Promise<WorkerProcess> {
  const { address, namespace } = temporal!;
  return startWorkerProcess({ temporalAddress: address, temporalNamespace: namespace, kubeconfig });
}

async function runApplication({ temporal, kubeconfig }: Lab): Promise<SparkApplicationResult> {
  const { address, namespace, uiUrl } = temporal!;
  const connection = await Connection.connect({ address });
  const spark = new SparkClient(new Client({ connection, namespace }));
  try {
    const manifest = loadManifest();
    title(`temporal-spark run ${options.manifest}`);
    const submitted = Date.now();
    const application = await spark.start(manifest);
    const link = `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(application.workflowId)}/${application.runId}`;
    print(`  Temporal UI: ${link}`);
    const finished = new AbortController();
    const outcome = application
      .result()
      .catch((error: unknown) => {
        if (error instanceof SparkApplicationFailedError && error.result !== undefined) return error.result;
        throw error;
      })
      .finally(() => finished.abort());
    await follow(() => application.describe(), finished.signal);
    const result = await outcome;
    recordTimes(submitted, result);
    await showLog(kubeconfig, result);
    return result;
  } finally {
    await connection.close();
  }
}

function loadManifest(): SparkApplicationManifest {
  const file = join(root, options.manifest);
  const [manifest] = parseManifests(readFileSync(file, 'utf8'), { fileName: options.manifest });
  return manifest as SparkApplicationManifest;
}

/** Prints each state once, and why the present step is not getting on. */
async function follow(describe: () => ReturnType<SparkClient['describe']>, finished: AbortSignal): Promise<void> {
  let last = '';
  while (!finished.aborted && !stopping.signal.aborted) {
    const { status, pending } = await describe();
    const failing = pending.find(({ lastFailure }) => lastFailure !== undefined);
    const line = `${status?.state ?? ''}${failing ? ` (${failing.activity}, try ${failing.attempt}: ${failing.lastFailure})` : ''}`;
    if (line !== last && line !== '') print(`  ${new Date().toISOString().slice(11, 19)} ${line}`);
    last = line;
    await delay(500, undefined, { signal: AbortSignal.any([finished, stopping.signal]) }).catch(() => undefined);
  }
  stopping.signal.throwIfAborted();
}

function recordTimes(submitted: number, { submittedAt, startedAt, finishedAt }: SparkApplicationResult): void {
  const at = (time: string | undefined) => (time === undefined ? undefined : Date.parse(time));
  const steps: [string, number | undefined, number | undefined][] = [
    ['submit', submitted, at(submittedAt)],
    ['driver pod starts', at(submittedAt), at(startedAt)],
    ['Spark runs', at(startedAt), at(finishedAt)],
    ['record and finalize', at(finishedAt), Date.now()],
  ];
  for (const [step, from, to] of steps) {
    // Kubernetes gives whole seconds: a step may seem to end before it began.
    if (from !== undefined && to !== undefined) timings.push([step, Math.max(0, to - from)]);
  }
}

async function showLog(
  kubeconfig: string,
  { namespace, driverPodName, logTail }: SparkApplicationResult,
): Promise<void> {
  if (mode === LabMode.Simulated) {
    print('  (a simulated driver writes no log)');
    return;
  }
  const kubernetes = await connectKubernetes({ kubeconfig });
  try {
    const log = logTail ?? (await kubernetes.logs(namespace, driverPodName, { tailLines: 500 }));
    const pi = log.split('\n').find((line) => line.includes('Pi is roughly'));
    title(`Log of ${driverPodName}`);
    print(pi === undefined ? log.trimEnd().split('\n').slice(-15).join('\n') : `  ${pi}`);
  } finally {
    kubernetes.close();
  }
}

async function keep({ temporal, kubeconfig }: Lab): Promise<void> {
  title('Everything stays up until Ctrl-C');
  print(`  Temporal UI: ${temporal!.uiUrl}`);
  const { node, main } = { node: process.execPath, main: join(root, 'src', 'cli', 'main.ts') };
  for (const line of playground({ mode, root, node, main, address: temporal!.address, kubeconfig })) print(line);
  await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }));
}

async function timed<T>(step: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const result = await work();
  timings.push([step, Date.now() - started]);
  return result;
}

function title(text: string): void {
  print(`\n▸ ${text}`);
}

function print(line: string): void {
  console.log(line);
}
