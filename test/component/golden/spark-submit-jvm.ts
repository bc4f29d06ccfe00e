import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SparkSubmission } from '../../../src/spark/index.ts';
import { JVM_OPTIONS, sparkSubmitArguments, submissionEnvironment } from './spark-submit.ts';

const program = fileURLToPath(new URL('Submissions.java', import.meta.url));

export interface SparkSubmitJvm extends AsyncDisposable {
  readonly submit: (apiServer: string, submission: SparkSubmission) => Promise<void>;
}

/**
 * The class behind spark-submit, one submission after the other in one JVM: of the four seconds of CPU that each takes in a
 * process of its own almost all are for starting it.
 */
export async function startSparkSubmitJvm(home: string): Promise<SparkSubmitJvm> {
  const directory = await mkdtemp(join(tmpdir(), 'spark-submit-jvm-'));
  const confDirectory = join(directory, 'conf');
  await mkdir(confDirectory);
  const java = spawn('java', [...JVM_OPTIONS, '-cp', `${confDirectory}:${home}/jars/*`, program], {
    cwd: directory,
    env: submissionEnvironment(home, directory),
    stdio: 'pipe',
  });
  let log = '';
  java.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4_000)));
  const ended = new Promise<void>((resolve) => java.once('close', () => resolve()));
  const answers = createInterface({ input: java.stdout })[Symbol.asyncIterator]();
  let last = 0;
  return {
    submit: async (apiServer, submission) => {
      const files = join(directory, `${(last += 1)}`);
      await mkdir(files);
      const args = await sparkSubmitArguments(apiServer, submission, files);
      java.stdin.write(`${args.map((arg) => `${Buffer.from(arg).toString('base64')} `).join('')}\n`);
      const { value, done } = await answers.next();
      if (done === true) throw new Error(`The JVM has ended:\n${log}`);
      if (value !== 'ok') throw new Error(`spark-submit failed: ${Buffer.from(value, 'base64').toString()}\n${log}`);
    },
    [Symbol.asyncDispose]: async () => {
      java.stdin.end();
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
