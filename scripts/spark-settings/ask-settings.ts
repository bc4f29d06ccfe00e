import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('Settings.java', import.meta.url));

/** Those that Spark's own launcher opens. */
const packages = [
  ...['java.lang', 'java.lang.invoke', 'java.lang.reflect', 'java.io', 'java.net', 'java.nio', 'java.util'],
  ...['java.util.concurrent', 'java.util.concurrent.atomic', 'jdk.internal.ref', 'sun.nio.ch', 'sun.nio.cs'],
  ...['sun.security.action', 'sun.util.calendar'],
];

/**
 * The answers of one Spark, a line each, to questions as `Settings.java` has them.
 *
 * @param home of the Spark, as `sparkHome` returns it; needs Java 17
 */
export async function askSettings(home: string, questions: readonly string[]): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'spark-settings-'));
  try {
    const opened = packages.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);
    const options = ['-Djava.security.manager=allow', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', ...opened];
    const java = spawn('java', [...options, '-cp', `${home}/jars/*`, program], {
      cwd: directory,
      env: { PATH: process.env['PATH'], HOME: directory, SPARK_LOCAL_IP: '127.0.0.1', KUBECONFIG: '/dev/null' },
      stdio: 'pipe',
    });
    let log = '';
    java.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4_000)));
    const ended = new Promise<number | null>((resolve) => java.once('close', resolve));
    java.stdin.end(questions.map((question) => `${question}\n`).join(''));
    const answers: string[] = [];
    for await (const line of createInterface({ input: java.stdout })) answers.push(line);
    if ((await ended) !== 0) throw new Error(`The JVM has failed:\n${log}`);
    return answers;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
