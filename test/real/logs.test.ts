import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { LogArchiveSummary, SparkApplicationResult } from '../../src/index.ts';
import { connectEnvironment, failureOf, type Environment } from '../support/environment.ts';
import { sparkPi } from '../support/manifests.ts';
import { S3_CREDENTIALS, startS3Server, type S3Server } from '../support/s3-server.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';
import { patient } from './patient.ts';
import './real-spark.ts';

const lab = inject('realLab');
const cli = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

let env: Environment;
let s3: S3Server;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  Object.assign(process.env, S3_CREDENTIALS);
  const { kubeconfig, temporalAddress } = lab;
  env = await connectEnvironment({ kubeconfig, temporalAddress, namespace: 'default' });
  s3 = await startS3Server();
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.end('SIGKILL')));
  await s3?.[Symbol.asyncDispose]();
  await env?.close();
});

async function startWorker(): Promise<WorkerProcess> {
  const { kubeconfig, temporalAddress, taskQueue } = env;
  const archive = { TEMPORAL_SPARK_LOG_ARCHIVE: s3.archiveUrl, ...S3_CREDENTIALS };
  const worker = await startWorkerProcess({ kubeconfig, temporalAddress, taskQueue, env: archive });
  workers.push(worker);
  return worker;
}

/** Starts a driver that writes hundreds of lines a second, and opens the file that its container runtime writes. */
async function chattyDriver(name: string): Promise<{ readonly file: FileHandle; readonly workflowId: string }> {
  const manifest = patient(sparkPi({ name, image: lab.sparkImage, args: ['20000'] }));
  const { workflowId } = await env.spark.start(manifest);
  const pattern = join(lab.directory, 'logs', 'pods', `default_${name}-driver_*`, 'spark-kubernetes-driver', '0.log');
  const file = await eventually('the log of the container', async () => {
    const [path] = globSync(pattern);
    return path !== undefined && open(path);
  });
  await eventually('the driver to write', async () => (await file.stat()).size > 50_000, { timeoutMs: 300_000 });
  return { file, workflowId };
}

/** What the container wrote, from the file of its runtime: removed, it is still there for those who have it open. */
async function written(file: FileHandle): Promise<Buffer> {
  const records = (await file.readFile()).toString('latin1').split(/(?<=\n)/);
  const texts = records.map((record) => {
    const [, tag, text] = /^\S+ std(?:out|err) ([FP]) ([^]*)$/.exec(record)!;
    return tag === 'P' ? text!.slice(0, -1) : text!;
  });
  return Buffer.from(texts.join(''), 'latin1');
}

/** What `temporal-spark logs` prints. */
async function printed(workflowId: string): Promise<{ readonly stdout: Buffer; readonly stderr: string }> {
  const { kubeconfig, temporalAddress } = env;
  const variables = {
    ...process.env,
    ...S3_CREDENTIALS,
    KUBECONFIG: kubeconfig,
    TEMPORAL_SPARK_LOG_ARCHIVE: s3.archiveUrl,
  };
  const args = [cli, 'logs', workflowId, '--address', temporalAddress];
  const options = { env: variables, encoding: 'buffer' as const, maxBuffer: 2 ** 28 };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options);
  return { stdout, stderr: stderr.toString() };
}

async function deleteByForce(name: string): Promise<void> {
  await env.kubernetes.delete(Resources.pods, 'default', `${name}-driver`, { gracePeriodSeconds: 0 });
}

async function archiveOf(workflowId: string): Promise<LogArchiveSummary | undefined> {
  const { result } = await failureOf(env.spark.result(workflowId));
  return (result as SparkApplicationResult).logArchive;
}

/** How many parts of the log are stored. */
const stored = (name: string): number =>
  globSync(join(s3.directory, 'spark', 'default', name, '*', 'attempt-1', 'driver.log*.gz')).length;

describe('the log of a real driver that is deleted by force in the middle of its output', () => {
  it('is complete in the archive, over the death of two workers, with the store away for a minute', async () => {
    const first = await startWorker();
    const { file, workflowId } = await chattyDriver('chatty');
    await eventually('a part of the log to be stored', () => stored('chatty') > 0);
    await first.end('SIGKILL');
    const second = await startWorker();
    const before = stored('chatty');
    await eventually('another worker to continue', () => stored('chatty') > before);
    await s3.stop();
    await deleteByForce('chatty');
    // The minute is the claim: the store is away for longer than a heartbeat timeout, and less than the deadline.
    await sleep(60_000);
    await s3.start();
    expect(await archiveOf(workflowId)).toMatchObject({ complete: true });
    await second.end('SIGKILL');
    await eventually('the pod to go', async () => {
      return (await env.kubernetes.get(Resources.pods, 'default', 'chatty-driver')) === undefined;
    });
    const { stdout, stderr } = await printed(workflowId);
    expect(stderr).toContain('Log from s3://logs/spark/default/chatty/');
    const expected = await written(file);
    expect(stdout.length).toBe(expected.length);
    expect(stdout.equals(expected)).toBe(true);
    await file.close();
  }, 900_000);
});
