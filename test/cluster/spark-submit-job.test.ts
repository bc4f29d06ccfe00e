import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, passes } from '../../lab/eventually.ts';
import { sparkHome } from '../../lab/spark-home.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { KubernetesObject } from '../../src/kubernetes/objects.ts';
import { parseSparkApplication, type SparkApplicationManifest } from '../../src/manifest/index.ts';
import { attemptIdentity, attemptSubmission } from '../../src/spark/index.ts';
import {
  SparkSubmitJobSubmitter,
  type CreatedDriver,
  type SparkSubmitJobOptions,
  type SubmissionRequest,
} from '../../src/submitters/index.ts';
import { requestOf, submissionJob, WORK_PATH } from '../../src/submitters/spark-submit-job/submission-job.ts';
import { submitterConformance } from '../../src/testing/index.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { PodProcesses } from '../support/pod-processes.ts';
import { grantSubmissionJobs } from '../support/submission-job-rights.ts';

const cluster = useCluster('spark-submit-job');
let kubelet: PodProcesses;
/** The container that dies as it starts. */
let killing: string | undefined;

beforeAll(async () => {
  const { env } = cluster;
  const lab = sharedLab();
  await grantSubmissionJobs(lab.kubeconfig, env.namespace);
  kubelet = new PodProcesses({
    kubernetes: env.kubernetes,
    kubeconfig: lab.kubeconfig,
    namespace: env.namespace,
    sparkHome: await sparkHome('4.1.4'),
    onStart: (_, processes) => {
      const child = killing === undefined ? undefined : processes.get(killing);
      if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    },
  });
});

afterAll(async () => {
  await kubelet?.[Symbol.asyncDispose]();
});

const submitter = (options: Partial<SparkSubmitJobOptions> = {}) =>
  new SparkSubmitJobSubmitter({ image: 'temporal-spark:test', ...options });

const suite = () =>
  submitterConformance({
    submitter: () => submitter(),
    kubernetes: cluster.env.kubernetes,
    namespace: cluster.env.namespace,
    patienceMs: 120_000,
    usesClient: false,
  });
const names = submitterConformance({
  submitter: () => submitter(),
  kubernetes: undefined as never,
  namespace: '',
}).map(({ name }) => name);

/** Jobs and Secrets that are left. */
async function left(): Promise<string[]> {
  const found: string[] = [];
  for (const resource of [Resources.jobs, Resources.secrets]) {
    for await (const page of cluster.env.kubernetes.list<KubernetesObject>(resource, cluster.env.namespace)) {
      found.push(...page.map(({ metadata }) => `${resource.kind} ${metadata!.name}`));
    }
  }
  return found;
}

async function nothingLeft(timeoutMs = 60_000): Promise<void> {
  const check = passes(async () => expect(await left()).toEqual([]));
  await eventually('every Job and Secret to be removed', check, { timeoutMs });
}

describe('the submitter spark-submit-job', () => {
  it.each(names)('%s', async (name) => {
    await suite()
      .find((check) => check.name === name)!
      .run();
    await nothingLeft();
  });

  it('runs an application whose objects its service account created, not the worker', async () => {
    const { env } = cluster;
    const manifest = cluster.pi('whole');
    manifest.metadata.labels = { team: 'a' };
    const application = await env.spark.start(manifest);
    const result = await withWorker(env, () => application.result(), { submitter: submitter() });
    expect(result).toMatchObject({ state: 'COMPLETED', submitter: 'spark-submit-job' });
    const { metadata, spec } = (await cluster.driverOf('whole'))!;
    const volume = spec!.volumes!.find(({ configMap }) => configMap?.name?.endsWith('-driver-conf-map') === true);
    const configMap = await env.kubernetes.get(Resources.configMaps, env.namespace, volume!.configMap!.name!);
    const properties = configMap!.data!['spark.properties']!;
    expect(properties).toContain(`spark.app.id=${metadata!.labels!['spark-app-selector']}\n`);
    expect(properties).not.toMatch(/127\.0\.0\.1|oauthToken/);
    expect(properties).not.toContain(WORK_PATH);
    const creations = await creationsOf(['whole-driver', volume!.configMap!.name!]);
    const account = `system:serviceaccount:${env.namespace}:spark`;
    expect(creations).toEqual([`${account} configmaps`, `${account} pods`]);
    await nothingLeft();
  });

  it("reports Spark's error for a feature step that it does not find", async () => {
    const { env } = cluster;
    const manifest = cluster.pi('step');
    manifest.spec.sparkConf = { 'spark.kubernetes.driver.pod.featureSteps': 'org.example.NoSuchStep' };
    const application = await env.spark.start(manifest);
    const { result } = await failureOf(withWorker(env, () => application.result(), { submitter: submitter() }));
    expect(result!.message).toContain('java.lang.ClassNotFoundException: org.example.NoSuchStep');
    expect(await cluster.driverOf('step')).toBeUndefined();
    await nothingLeft();
  });

  it.each(['spark-submit', 'creator'])('is retried where the container %s is killed', async (name) => {
    const request = requestFor(`killed-${name}`);
    killing = name;
    await expect(submit(request)).rejects.toMatchObject({
      type: 'SubmitterFailed',
      retryable: true,
      message: expect.stringMatching(/container.*ended: exit code 137/) as string,
    });
    killing = undefined;
    await expect(submit(request)).resolves.toMatchObject({ driverPodName: request.identity.driverPodName });
    await nothingLeft();
  });

  it('reports why its pod does not run at the timeout, and leaves nothing that might submit later', async () => {
    const request = requestFor('nowhere', ({ spec }) => {
      spec.nodeSelector = { pool: 'none-such' };
    });
    await expect(submit(request, { timeoutMs: 5_000 })).rejects.toMatchObject({
      type: 'SubmitterTimeout',
      retryable: true,
      message: expect.stringMatching(/did not end within 5000 ms: .*node\(s\)/) as string,
    });
    await nothingLeft(1_000);
    expect(await cluster.driverOf('nowhere')).toBeUndefined();
  });

  it('adopts the Job of a worker that died', async () => {
    const request = requestFor('left');
    const { env } = cluster;
    const abandoned = submissionJob(request, { image: 'temporal-spark:test', deadlineSeconds: 120 });
    const job = await env.kubernetes.create(Resources.jobs, abandoned, { fieldValidation: 'Strict' });
    await expect(submit(request)).resolves.toMatchObject({ adopted: true });
    const pods = kubelet.pods.filter(({ metadata }) =>
      metadata!.ownerReferences!.some(({ uid }) => uid === job.metadata!.uid),
    );
    expect(pods).toHaveLength(1);
    await nothingLeft();
  });

  it('leaves a Job of that name alone that belongs to another submission', async () => {
    const request = requestFor('taken');
    const { env } = cluster;
    const other = submissionJob(request, { image: 'other', deadlineSeconds: 1 });
    other.metadata!.labels = { 'temporal-spark/submission-job': 'other' };
    other.spec!.suspend = true;
    const { metadata } = await env.kubernetes.create(Resources.jobs, other);
    await expect(submit(request)).rejects.toMatchObject({ type: 'DriverNameConflict', retryable: false });
    const now = await env.kubernetes.get(Resources.jobs, env.namespace, metadata!.name!);
    expect(now?.metadata?.uid).toBe(metadata!.uid);
    await env.kubernetes.delete(Resources.jobs, env.namespace, metadata!.name!, { propagationPolicy: 'Background' });
  });

  it('creates nothing for a service account that may not create Jobs, and names it', async () => {
    const request = requestFor('powerless', ({ spec }) => {
      spec.driver.serviceAccount = 'default';
    });
    await expect(submit(request)).rejects.toMatchObject({
      type: 'Forbidden',
      message: expect.stringContaining(`system:serviceaccount:${cluster.env.namespace}:default`) as string,
    });
  });

  it('creates nothing in the namespace of another tenant, whatever the request of its Job', async () => {
    const { env } = cluster;
    const other = await createNamespace({ prefix: 'other-tenant' });
    const request = requestFor('escapes');
    const elsewhere = { ...request, submission: { ...request.submission, namespace: other } };
    const job = await env.kubernetes.create(
      Resources.jobs,
      submissionJob(request, { image: 'temporal-spark:test', deadlineSeconds: 120 }),
    );
    // A user who may write Secrets in this namespace makes it submit to the other.
    await env.kubernetes.create(Resources.secrets, requestOf(job, elsewhere));
    await expect(submit(request)).rejects.toMatchObject({
      type: 'Forbidden',
      message: expect.stringContaining(`in namespace "${other}"`) as string,
    });
    for await (const page of env.kubernetes.list(Resources.pods, other)) expect(page).toEqual([]);
  });
});

function requestFor(name: string, change: (manifest: SparkApplicationManifest) => void = () => {}): SubmissionRequest {
  const manifest = cluster.pi(name);
  change(manifest);
  const identity = attemptIdentity({
    workflowId: `spark/${cluster.env.namespace}/${name}`,
    firstRunId: 'run',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: name,
    driverPodName: `${name}-driver`,
    submitTime: 0,
  });
  return { submission: attemptSubmission(parseSparkApplication(manifest), identity), identity };
}

const submit = (request: SubmissionRequest, options: Partial<SparkSubmitJobOptions> = {}): Promise<CreatedDriver> =>
  submitter(options).submit(request, {
    kubernetes: cluster.env.kubernetes,
    signal: AbortSignal.timeout(100_000),
  });

/** `user resource` of the requests that created objects of these names in this file's namespace, sorted. */
async function creationsOf(names: readonly string[]): Promise<string[]> {
  interface AuditEvent {
    readonly verb: string;
    readonly user: { readonly username: string };
    readonly impersonatedUser?: { readonly username: string };
    readonly objectRef?: {
      readonly namespace?: string;
      readonly resource?: string;
      readonly subresource?: string;
      readonly name?: string;
    };
    readonly responseStatus?: { readonly code?: number };
  }
  return (await readFile(sharedLab().auditLog, 'utf8'))
    .split('\n')
    // A dry run creates nothing.
    .filter((line) => names.some((name) => line.includes(name)) && !line.includes('dryRun=All'))
    .map((line) => JSON.parse(line) as AuditEvent)
    .flatMap(({ verb, user, impersonatedUser, objectRef = {}, responseStatus }) =>
      verb === 'create' &&
      objectRef.namespace === cluster.env.namespace &&
      names.includes(objectRef.name ?? '') &&
      objectRef.subresource === undefined &&
      responseStatus?.code === 201
        ? [`${impersonatedUser?.username ?? user.username} ${objectRef.resource}`]
        : [],
    )
    .toSorted();
}
