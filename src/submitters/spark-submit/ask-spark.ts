import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resourceOf } from '../../kubernetes/index.ts';
import type { ConfigMap, KubernetesObject, PodTemplate } from '../../kubernetes/objects.ts';
import {
  buildDriverObjects,
  inspectDriver,
  RefusalReason,
  SubmissionRefused,
  type DriverObjects,
  type SparkSubmission,
  type SubmissionIdentity,
} from '../../spark/index.ts';
import { protectionConf } from '../../spark/driver/protection.ts';
import { writeProperties } from '../../spark/driver/write-properties.ts';
import { sparkVersionRules } from '../../spark/spark-version.ts';
import type { RenderedDriver, SubmissionRequest } from '../contract.ts';
import { SubmitterError, SubmitterErrorType } from '../submitter-error.ts';
import type { ChildExit } from './child-process.ts';
import { startRecordingEndpoint, type RecordingEndpoint } from './recording-endpoint.ts';
import { redacted } from './redacted.ts';
import { renderedObjects } from './rendered-objects.ts';

/** A spark-submit that can be run, here or in another container. */
export interface SparkSubmitProcess {
  /** Empty; for the files it reads, which have the same path where it runs. The creator removes it. */
  readonly directory: string;
  /** Of what is put there, which may hold secrets. */
  readonly fileMode: number;
  /**
   * Runs it to its end, in that directory and with these variables.
   *
   * @throws the signal's reason where that aborts before
   */
  run(args: readonly string[], env: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ChildExit>;
}

export interface AskSparkOptions {
  readonly signal: AbortSignal;
  /** Milliseconds it may run. @default 120000 */
  readonly timeoutMs?: number | undefined;
}

const FEATURE_STEPS = 'spark.kubernetes.driver.pod.featureSteps';
const OAUTH_TOKEN = 'spark.kubernetes.authenticate.submission.oauthToken';
const IN_CLUSTER_API_SERVER = 'https://kubernetes.default.svc';
const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * What Spark's own client builds for a submission, under the names that the attempt decided. It does not reach the
 * cluster: it gets our API server, which records what it is sent.
 *
 * @throws SubmissionRefused where Spark fails, SubmitterError where it is killed or does not end in time
 */
export async function askSpark(
  request: SubmissionRequest,
  spark: SparkSubmitProcess,
  { signal, timeoutMs = DEFAULT_TIMEOUT_MS }: AskSparkOptions,
): Promise<RenderedDriver> {
  await using endpoint = await startRecordingEndpoint();
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const args = await argumentsOf(request, endpoint, spark);
    const { code, stderr } = await spark.run(args, await environmentOf(spark), AbortSignal.any([signal, timeout]));
    if (code === undefined) throw failed('was killed, possibly because memory ran out');
    const objects = code === 0 ? objectsOf(request, endpoint) : undefined;
    if (objects === undefined) throw refusedBySpark(redacted(stderr, request.submission));
    return { ...objects, sent: asAsked(endpoint.objects, request) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (timeout.aborted) {
      const message = `spark-submit did not end within ${timeoutMs} ms, and was killed.`;
      throw new SubmitterError(SubmitterErrorType.SubmitterTimeout, message);
    }
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw failed(`cannot be run: ${(error as Error).message}`);
  }
}

/** What it needs wherever it runs, and what keeps the machine it runs on out of what it makes. */
async function environmentOf({ directory }: SparkSubmitProcess): Promise<Record<string, string>> {
  const confDirectory = join(directory, 'conf');
  await mkdir(confDirectory);
  return {
    // It runs for seconds, mostly to load classes.
    SPARK_SUBMIT_OPTS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
    LC_ALL: 'C.UTF-8',
    SPARK_LOCAL_IP: '127.0.0.1',
    HADOOP_USER_NAME: 'spark',
    HOME: directory,
    SPARK_CONF_DIR: confDirectory,
    KUBECONFIG: '/dev/null',
  };
}

/**
 * Rejects whatever the translation rejects, except feature steps: above all files of this machine, which would
 * give what the worker can read to anyone who may write a manifest.
 */
export function refuseWhatSparkNeedNotSee({ submission, identity }: SubmissionRequest): void {
  driverWithoutFeatureSteps(submission, identity);
}

/**
 * The driver as far as the translation goes: feature steps may add what its pod lacks.
 *
 * @throws SubmissionRefused, TranslationFailed
 */
export function driverWithoutFeatureSteps(submission: SparkSubmission, identity: SubmissionIdentity): DriverObjects {
  const rest = withoutFeatureSteps(submission);
  return submission.conf[FEATURE_STEPS] === undefined
    ? buildDriverObjects(rest, identity)
    : inspectDriver(rest, identity).objects;
}

/** As far as the translation goes. */
export function withoutFeatureSteps(submission: SparkSubmission): SparkSubmission {
  const { [FEATURE_STEPS]: _, ...conf } = submission.conf;
  return { ...submission, conf };
}

/**
 * Spark has Ivy fetch packages where it submits, and throws them away: the driver does the same again. Left out, Ivy
 * reads no settings from this machine's disk, writes nowhere on it, and asks no server of a manifest's choice.
 */
const ofIvy = [
  'spark.jars.packages',
  'spark.jars.excludes',
  'spark.jars.repositories',
  'spark.jars.ivy',
  'spark.jars.ivySettings',
] as const;

/** The configuration goes by a file: arguments are seen by all of the machine. */
async function argumentsOf(
  { submission, identity }: SubmissionRequest,
  { url, token }: RecordingEndpoint,
  { directory, fileMode: mode }: SparkSubmitProcess,
): Promise<string[]> {
  const template = async (role: string, value: PodTemplate | undefined): Promise<Record<string, string>> => {
    if (value === undefined || Object.keys(value).length === 0) return {};
    const file = join(directory, `${role}-pod-template.json`);
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...value }), { mode });
    return { [`spark.kubernetes.${role}.podTemplateFile`]: file };
  };
  const conf: Record<string, string> = {
    ...protectionConf(sparkVersionRules(submission.sparkVersion)),
    ...submission.conf,
    ...(await template('driver', submission.driverPodTemplate)),
    ...(await template('executor', submission.executorPodTemplate)),
    'spark.kubernetes.namespace': submission.namespace,
    'spark.kubernetes.driver.pod.name': identity.driverPodName,
    'spark.kubernetes.submission.waitAppCompletion': 'false',
    [OAUTH_TOKEN]: token,
  };
  for (const key of ofIvy) delete conf[key];
  const file = join(directory, 'spark.properties');
  await writeFile(file, writeProperties(conf, 'of one submission'), { mode });
  return [
    ...['--properties-file', file],
    ...['--master', `k8s://${url}`],
    ...['--deploy-mode', 'cluster'],
    ...['--name', submission.appName],
    ...(submission.mainClass === undefined ? [] : ['--class', submission.mainClass]),
    ...(submission.proxyUser === undefined ? [] : ['--proxy-user', submission.proxyUser]),
    submission.mainApplicationFile ?? 'spark-internal',
    ...submission.arguments,
  ];
}

function objectsOf(request: SubmissionRequest, endpoint: RecordingEndpoint): DriverObjects | undefined {
  const { conf } = request.submission;
  const objects = renderedObjects(endpoint.objects, request, {
    [OAUTH_TOKEN]: conf[OAUTH_TOKEN],
    'spark.kubernetes.submission.waitAppCompletion': conf['spark.kubernetes.submission.waitAppCompletion'],
    'spark.kubernetes.driver.podTemplateFile': undefined,
    'spark.master': `k8s://${conf['spark.kubernetes.driver.master'] ?? IN_CLUSTER_API_SERVER}`,
    'spark.app.submitTime': String(request.identity.submitTime),
    ...Object.fromEntries(ofIvy.map((key) => [key, conf[key]])),
  });
  for (const object of objects?.dependents ?? []) {
    try {
      resourceOf(object); // before anything is created
    } catch (error) {
      throw refusal(`it creates an object of a kind that is not supported here: ${(error as Error).message}`);
    }
  }
  return objects;
}

/** As they would be without the endpoint's token, which Spark passes to the driver, and with the settings of Ivy. */
function asAsked(
  objects: readonly KubernetesObject[],
  { submission: { conf } }: SubmissionRequest,
): KubernetesObject[] {
  const packages = Object.fromEntries(ofIvy.flatMap((key) => (conf[key] === undefined ? [] : [[key, conf[key]]])));
  const [_comment, ...added] = writeProperties(packages, '').trimEnd().split('\n');
  return objects.map((object) => {
    const { data } = object as ConfigMap;
    const properties = data?.['spark.properties'];
    if (properties === undefined) return object;
    const lines = properties
      .replace(/\n$/, '')
      .split('\n')
      .filter((line) => conf[OAUTH_TOKEN] !== undefined || !line.startsWith(`${OAUTH_TOKEN}=`));
    const text = [...lines, ...added].map((line) => `${line}\n`).join('');
    return { ...object, data: { ...data, 'spark.properties': text } } as ConfigMap;
  });
}

const failed = (what: string): SubmitterError =>
  new SubmitterError(SubmitterErrorType.SubmitterFailed, `spark-submit ${what}`);

/** Nothing of the cluster is in what it does, so that the same submission fails again. */
const refusedBySpark = (stderr: string): SubmissionRefused => refusal(`it failed: ${stderr}`);

const refusal = (problem: string): SubmissionRefused =>
  new SubmissionRefused({
    reason: RefusalReason.InvalidConfiguration,
    key: 'spark-submit',
    problem,
    remedy:
      'Correct the manifest, or the Spark that submits: for spark-submit the one at sparkSubmit.home in the file of submitters, for spark-submit-job the one in the image.',
  });
