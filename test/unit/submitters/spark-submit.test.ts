import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import { parseSparkApplication, type SparkApplicationManifest } from '../../../src/manifest/index.ts';
import { attemptIdentity, attemptSubmission } from '../../../src/spark/index.ts';
import {
  SparkSubmitSubmitter,
  type SparkSubmitOptions,
  type SubmissionRequest,
} from '../../../src/submitters/index.ts';
import { eventually } from '../../../lab/eventually.ts';
import { identifyProcess } from '../../../lab/process-identity.ts';
import { sparkPi } from '../../support/manifests.ts';

// What the real spark-submit makes of it is tested against a real API server (test/cluster); here is what happens
// when it does not behave.
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'temporal-spark-home-'));
  mkdirSync(join(home, 'bin'));
});
afterEach(() => rmSync(home, { recursive: true }));

function submitting(script: string, options: Partial<SparkSubmitOptions> = {}) {
  const file = join(home, 'bin', 'spark-submit');
  writeFileSync(file, `#!/bin/bash\n${script}\n`);
  chmodSync(file, 0o755);
  const submitter = new SparkSubmitSubmitter({ home, ...options });
  return (request: SubmissionRequest, signal = new AbortController().signal) =>
    submitter.submit(request, { kubernetes: undefined as unknown as KubernetesClient, signal });
}

function request(change: (manifest: SparkApplicationManifest) => void = () => {}): SubmissionRequest {
  const manifest = sparkPi({ name: 'pi', namespace: 'default' });
  change(manifest);
  const application = parseSparkApplication(manifest);
  const identity = attemptIdentity({
    workflowId: 'spark/default/pi',
    firstRunId: 'run',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: 'pi',
    driverPodName: 'pi-driver',
    submitTime: 0,
  });
  return { submission: attemptSubmission(application, identity), identity };
}

const isRunning = (pid: number): boolean => identifyProcess(pid) !== undefined;

const pidsIn = (directory: string): number[] =>
  readdirSync(directory)
    .filter((name) => name.startsWith('pid-'))
    .map((name) => Number(name.slice(4)));

describe('a spark-submit that', () => {
  it('does not end is killed at its deadline, with all that it started', async () => {
    const submit = submitting(`sleep 600 & touch ${home}/pid-$! ${home}/pid-$$; wait`, { timeoutMs: 1_000 });
    await expect(submit(request())).rejects.toMatchObject({ type: 'SubmitterTimeout', retryable: true });
    const pids = pidsIn(home);
    expect(pids).toHaveLength(2);
    await eventually('both to be gone', async () => !pids.some(isRunning));
  });

  it('runs when the submission is aborted is killed, with all that it started', async () => {
    const submit = submitting(`sleep 600 & touch ${home}/pid-$! ${home}/pid-$$; wait`);
    const abort = new AbortController();
    const submission = submit(request(), abort.signal);
    const given = expect(submission).rejects.toThrow('give up');
    const pids = await eventually('both to run', async () => pidsIn(home).length === 2 && pidsIn(home));
    abort.abort(new Error('give up'));
    await given;
    await eventually('both to be gone', async () => !pids.some(isRunning));
  });

  it('runs when the worker is killed is killed too, with all that it started', async () => {
    const child = join(import.meta.dirname, '..', '..', '..', 'src', 'submitters', 'spark-submit', 'child-process.ts');
    const script = join(home, 'bin', 'spark-submit');
    writeFileSync(script, `#!/bin/bash\nsleep 600 & touch ${home}/pid-$! ${home}/pid-$$; wait`, { mode: 0o755 });
    const options = `{ command: '${script}', args: [], cwd: '${home}', env: process.env, signal: new AbortController().signal }`;
    const worker = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { runChild } from '${pathToFileURL(child).href}'; await runChild(${options});`,
    ]);
    const pids = await eventually('both to run', async () => pidsIn(home).length === 2 && pidsIn(home));
    expect(pids.every(isRunning)).toBe(true);
    worker.kill('SIGKILL');
    await eventually('both to be gone', async () => !pids.some(isRunning));
  });

  it('leaves a process behind that holds its output still ends, and so does that process', async () => {
    const submit = submitting(`sleep 600 & touch ${home}/pid-$!; exit 1`);
    await expect(submit(request())).rejects.toMatchObject({ type: 'SubmissionRefused' });
    const pids = pidsIn(home);
    expect(pids).toHaveLength(1);
    await eventually('it to be gone', async () => !pids.some(isRunning));
  });

  it('is killed by the machine is retried', async () => {
    const submit = submitting('kill -9 $$');
    await expect(submit(request())).rejects.toMatchObject({ type: 'SubmitterFailed', retryable: true });
  });

  it('writes without end takes no memory, and its output is cut', async () => {
    const submit = submitting('head -c 200000000 /dev/zero | tr "\\0" x >&2; exit 1');
    const error = await submit(request()).catch((reason: unknown) => reason as Error);
    expect((error as Error).message.length).toBeLessThan(2_000);
  });

  it('prints secrets is not repeated', async () => {
    const submit = submitting('cat "$2" >&2; shift 2; echo "$@" >&2; env >&2; exit 1');
    process.env['TEMPORAL_API_KEY_OF_TEST'] = 'key-of-the-worker';
    const secret = request(({ spec }) => {
      spec.sparkConf = { 'spark.example.setting': 'shown' };
      spec.arguments = ['--say', 'argument-of-it'];
    });
    const conf = { ...secret.submission.conf, 'spark.hadoop.fs.s3a.secret.key': 'value-of-a-secret' };
    const asked = { ...secret, submission: { ...secret.submission, conf } };
    const error = await submit(asked).catch((reason: unknown) => reason as Error);
    delete process.env['TEMPORAL_API_KEY_OF_TEST'];
    expect((error as Error).message).toContain('*****');
    expect((error as Error).message).not.toMatch(/value-of-a-secret|argument-of-it|key-of-the-worker/);
    expect(error).toMatchObject({ type: 'SubmissionRefused', retryable: false });
  });

  it('does not exist is reported', async () => {
    const submit = submitting('');
    rmSync(join(home, 'bin', 'spark-submit'));
    await expect(submit(request())).rejects.toMatchObject({ type: 'SubmitterFailed' });
  });
});

describe('the submitter spark-submit', () => {
  it('leaves Ivy to the driver: it would read settings of this machine, write on its disk and call servers', async () => {
    const submit = submitting(`cp "$2" ${home}/conf; exit 1`);
    const asked = request(({ spec }) => {
      spec.deps = { packages: ['a:b:1'], excludePackages: ['c:d'], repositories: ['https://repository.example.org'] };
      spec.sparkConf = { 'spark.jars.ivy': '/etc', 'spark.jars.ivySettings': '/etc/passwd', 'spark.example': 'kept' };
    });
    await expect(submit(asked)).rejects.toMatchObject({ type: 'SubmissionRefused' });
    const conf = readFileSync(join(home, 'conf'), 'utf8');
    expect(conf).toContain('spark.example=kept');
    expect(conf).not.toMatch(/ivy|spark\.jars\.(packages|excludes|repositories)/);
  });

  it('runs no more at once than it may', async () => {
    const running = join(home, 'running');
    const submit = submitting(`mkdir ${running} || touch ${home}/both; sleep 0.2; rmdir ${running}; exit 1`, {
      maxConcurrent: 1,
    });
    await Promise.allSettled([1, 2, 3, 4].map(() => submit(request())));
    expect(existsSync(join(home, 'both'))).toBe(false);
  });

  it('starts no JVM of another Spark than that of the application', async () => {
    mkdirSync(join(home, 'jars'));
    writeFileSync(join(home, 'jars', 'spark-core_2.13-4.0.1.jar'), '');
    const submit = submitting(`touch ${home}/ran; exit 1`);
    const refused = expect(submit(request(({ spec }) => (spec.sparkVersion = '4.1.4')))).rejects;
    await refused.toMatchObject({ type: 'SubmissionRefused', retryable: false });
    await refused.toThrow(/spec\.sparkVersion: is 4\.1\.4, but the submitter "spark-submit" runs Spark 4\.0\.1/);
    expect(existsSync(join(home, 'ran'))).toBe(false);
    // A patch version is not another Spark.
    await submit(request(({ spec }) => (spec.sparkVersion = '4.0.5'))).catch(() => undefined);
    expect(existsSync(join(home, 'ran'))).toBe(true);
  });

  it('can be aborted while it waits for its turn', async () => {
    const submit = submitting(`until [ -e ${home}/go ]; do sleep 0.01; done; exit 1`, { maxConcurrent: 1 });
    const first = submit(request()).catch(() => 'over');
    await expect(submit(request(), AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'TimeoutError' });
    writeFileSync(join(home, 'go'), '');
    await expect(first).resolves.toBe('over');
  });

  it.each<[string, (manifest: SparkApplicationManifest) => void]>([
    ['a main file', ({ spec }) => (spec.mainApplicationFile = 'file:///etc/passwd')],
    ['a main file that looks like an option', ({ spec }) => (spec.mainApplicationFile = '--properties-file')],
    ['a file to upload', ({ spec }) => (spec.sparkConf = { 'spark.files': '/etc/passwd' })],
    [
      'a file with feature steps',
      ({ spec }) =>
        (spec.sparkConf = { 'spark.kubernetes.driver.pod.featureSteps': 'a.B', 'spark.jars': 'file:///etc/passwd' }),
    ],
  ])('does not let spark-submit read %s of the machine that submits', async (_, change) => {
    const submit = submitting(`touch ${home}/ran; exit 1`);
    await expect(submit(request(change))).rejects.toMatchObject({ type: 'SubmissionRefused' });
    expect(existsSync(join(home, 'ran'))).toBe(false);
  });
});
