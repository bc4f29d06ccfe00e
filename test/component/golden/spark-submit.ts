import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { PodTemplate } from '../../../src/kubernetes/objects.ts';
import type { SparkSubmission } from '../../../src/spark/index.ts';

export const JVM_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** Nothing of this machine's own configuration; Spark's is to be in `conf` of the directory. */
export const submissionEnvironment = (home: string, directory: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  ...(process.env['JAVA_HOME'] !== undefined && { JAVA_HOME: process.env['JAVA_HOME'] }),
  HOME: directory,
  SPARK_HOME: home,
  SPARK_CONF_DIR: join(directory, 'conf'),
  HADOOP_USER_NAME: 'spark',
  LC_ALL: 'C.UTF-8',
  SPARK_LOCAL_IP: '127.0.0.1',
  KUBECONFIG: '/dev/null',
  SPARK_SUBMIT_OPTS: JVM_OPTIONS.join(' '),
});

/** Submits with the real spark-submit, in an environment that has nothing of this machine's own configuration. */
export async function sparkSubmit(home: string, apiServer: string, submission: SparkSubmission): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'spark-submit-'));
  try {
    await mkdir(join(directory, 'conf'));
    const args = await sparkSubmitArguments(apiServer, submission, directory);
    await execa(join(home, 'bin', 'spark-submit'), args, {
      cwd: directory,
      timeout: 120_000,
      env: submissionEnvironment(home, directory),
      extendEnv: false,
    });
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new Error(`spark-submit failed:\n${stderr.split('\n').slice(-40).join('\n') || message}`, { cause: error });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The command line that submits it; its pod templates become files of the directory. */
export async function sparkSubmitArguments(
  apiServer: string,
  submission: SparkSubmission,
  directory: string,
): Promise<string[]> {
  const conf: Record<string, string> = {
    ...submission.conf,
    'spark.kubernetes.namespace': submission.namespace,
    'spark.kubernetes.submission.waitAppCompletion': 'false',
  };
  if (Object.keys(submission.driverPodTemplate).length > 0) {
    conf['spark.kubernetes.driver.podTemplateFile'] = await writeTemplate(
      directory,
      'driver',
      submission.driverPodTemplate,
    );
  }
  if (submission.executorPodTemplate !== undefined) {
    const file = await writeTemplate(directory, 'executor', submission.executorPodTemplate);
    conf['spark.kubernetes.executor.podTemplateFile'] = file;
  }
  return [
    ...['--master', `k8s://${apiServer}`],
    ...['--deploy-mode', 'cluster'],
    ...['--name', submission.appName],
    ...(submission.mainClass === undefined ? [] : ['--class', submission.mainClass]),
    ...(submission.proxyUser === undefined ? [] : ['--proxy-user', submission.proxyUser]),
    ...Object.entries(conf).flatMap(([key, value]) => ['--conf', `${key}=${value}`]),
    submission.mainApplicationFile ?? 'spark-internal',
    ...submission.arguments,
  ];
}

async function writeTemplate(directory: string, role: string, template: PodTemplate): Promise<string> {
  const file = join(directory, `${role}-pod-template.json`);
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...template }));
  return file;
}
