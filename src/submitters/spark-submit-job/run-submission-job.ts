import { access, open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '../../kubernetes/index.ts';
import type { SubmissionRequest } from '../contract.ts';
import { createDriver } from '../create-driver.ts';
import { askSpark, type SparkSubmitProcess } from '../spark-submit/ask-spark.ts';
import type { ChildExit } from '../spark-submit/child-process.ts';
import { SubmitterErrorType } from '../submitter-error.ts';
import type { SubmissionFailure, SubmissionOutcome } from './outcome.ts';
import { CLIENT_SCRIPT } from './submission-job.ts';

export interface RunSubmissionJobOptions {
  /** File that has the request. */
  readonly requestFile: string;
  /** Shared with the container of Spark's client. */
  readonly directory: string;
  /** With the rights of the application's service account. */
  readonly kubernetes: KubernetesClient;
  readonly signal: AbortSignal;
}

const POLL_MS = 100;
const STDERR_LIMIT = 16 * 1024;

/** What the pod of a Job does: runs Spark's client in the other container to build the objects, and creates them. */
export async function runSubmissionJob(options: RunSubmissionJobOptions): Promise<SubmissionOutcome> {
  const { requestFile, directory, kubernetes, signal } = options;
  try {
    const request = JSON.parse(await readFile(requestFile, 'utf8')) as SubmissionRequest;
    const objects = await askSpark(request, otherContainer(directory), { signal });
    return { created: await createDriver(kubernetes, request, objects, signal) };
  } catch (error) {
    return { failed: failureOf(error) };
  }
}

function failureOf(error: unknown): SubmissionFailure {
  const { message, type = SubmitterErrorType.SubmitterFailed, retryable = true } = error as Partial<SubmissionFailure>;
  return { type, retryable, message: message ?? String(error) };
}

/** Spark's client in the other container, which waits for a script and shares only a directory. */
function otherContainer(directory: string): SparkSubmitProcess {
  const [script, code, stderr] = [CLIENT_SCRIPT, 'code', 'stderr'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  return {
    directory,
    // It runs as another user; the directory is of this pod only.
    fileMode: 0o644,
    async run(args, env, signal): Promise<ChildExit> {
      const variables = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`);
      const command = ['"${SPARK_HOME:-/opt/spark}/bin/spark-submit"', ...args.map(quoted)].join(' ');
      const lines = [
        ...variables,
        `cd ${quoted(directory)}`,
        `${command} </dev/null >/dev/null 2>${quoted(stderr)}`,
        `echo "$?" >${quoted(`${code}.part`)}`,
        `mv ${quoted(`${code}.part`)} ${quoted(code)}`,
      ];
      await writeFile(`${script}.part`, `${lines.join('\n')}\n`, { mode: 0o644 });
      await rename(`${script}.part`, script);
      while (!(await isThere(code))) await sleep(POLL_MS, undefined, { signal });
      const exitCode = Number(await readFile(code, 'utf8'));
      // By a signal: the kernel's, where memory ran out.
      return { code: exitCode > 128 ? undefined : exitCode, stderr: await endOf(stderr) };
    },
  };
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function endOf(file: string): Promise<string> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const length = Math.min(size, STDERR_LIMIT);
  const { buffer } = await handle.read({ buffer: Buffer.alloc(length), position: size - length });
  return buffer.toString('utf8');
}
