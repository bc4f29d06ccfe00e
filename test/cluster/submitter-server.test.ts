import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createCertificateAuthority } from '../../lab/certificates.ts';
import { freePorts } from '../../lab/ports.ts';
import {
  connectKubernetes,
  KubernetesError,
  KubernetesErrorType,
  Resources,
  type KubernetesClient,
  type Resource,
} from '../../src/kubernetes/index.ts';
import type { ConfigMap, KubernetesObject, Pod } from '../../src/kubernetes/objects.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import {
  startSubmitterServer,
  type RunningSubmitterServer,
} from '../../src/cli/commands/submitter-server/start-submitter-server.ts';
import {
  SubmissionServer,
  submitterOf,
  SUBMIT_PATH,
  type SubmitErrorResponse,
  type SubmitRequest,
  type SubmitResponse,
} from '../../src/submitter-server/index.ts';
import { faultyKubernetes } from '../../src/testing/faulty-kubernetes.ts';
import { interceptedKubernetes } from '../../src/testing/intercepted-kubernetes.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { root } from '../support/build.ts';
import { createObjects, grantsOf, objectsOf, requestsOf, serviceAccountKubeconfig } from '../support/chart.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { operatorRequest, type Owner } from '../support/operator.ts';

const NAME = 'spark-operator-submitter';
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let directory: string;
let namespace: string;
let admin: KubernetesClient;
let account: string;
/** Of the server's account, with the rights of deploy/submitter-server.yaml and no other. */
let kubeconfig: string;
let deployed: KubernetesObject[];
let server: RunningSubmitterServer;
const logged: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'submitter-server-'));
  namespace = await createNamespace({ prefix: 'submitter-server' });
  const lab = sharedLab();
  admin = await connectKubernetes({ kubeconfig: lab.kubeconfig });
  // Roles of the cluster are shared by all: a separate name.
  account = `${namespace}-${NAME}`;
  const manifest = (await readFile(join(root, 'deploy/submitter-server.yaml'), 'utf8'))
    .replaceAll(`name: ${NAME}\n`, `name: ${account}\n`)
    .replaceAll('namespace: spark-operator\n', `namespace: ${namespace}\n`);
  deployed = objectsOf(manifest);
  await createObjects(lab.kubeconfig, deployed);
  kubeconfig = await serviceAccountKubeconfig({ kubeconfig: lab.kubeconfig, directory }, namespace, account);
  server = await startSubmitterServer(
    { listen: { host: '127.0.0.1', port: 0 }, kubernetes: { kubeconfig }, limits: { maxBodyBytes: 100_000 } },
    { log: (level, message, facts) => logged.push(JSON.stringify({ level, message, ...facts })) },
  );
});

afterAll(async () => {
  await server?.drain(0);
  admin?.close();
  await rm(directory, { recursive: true });
});

/** What stands for the SparkApplication: an object that exists, or the garbage collector would not leave the driver. */
async function owner(name: string): Promise<Owner> {
  const anchor: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${name}-owner`, namespace } };
  const { metadata } = await admin.create(Resources.configMaps, anchor);
  return { apiVersion: 'v1', kind: 'ConfigMap', name: metadata!.name!, uid: metadata!.uid! };
}

const pi = (name: string): SparkApplicationManifest => sparkPi({ name, namespace, annotations: RUN_FOREVER });

async function requestFor(name: string, submissionId: string = randomUUID()): Promise<SubmitRequest> {
  return operatorRequest(pi(name), submissionId, await owner(name));
}

/** The request with these arguments before those of the application. */
const withArguments = (request: SubmitRequest, ...more: string[]): SubmitRequest => ({
  ...request,
  spark_submit_args: [...request.spark_submit_args.slice(0, -2), ...more, ...request.spark_submit_args.slice(-2)],
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: SubmitResponse & SubmitErrorResponse;
}

async function post(
  body: unknown,
  { port = server.port, path = SUBMIT_PATH, method = 'POST', contentType = 'application/json', headers = {} } = {},
): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { 'content-type': contentType, ...headers },
    ...(method !== 'GET' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}

const driverOf = (name: string): Promise<Pod | undefined> => admin.get(Resources.pods, namespace, `${name}-driver`);

const kinds: readonly Resource[] = [Resources.pods, Resources.services, Resources.configMaps];

/** What there is of a submission: kind and name, with whom it belongs to. */
async function madeFor(submissionId: string): Promise<{ what: string; owners: string[] }[]> {
  const found: { what: string; owners: string[] }[] = [];
  const labelSelector = `sparkoperator.k8s.io/submission-id=${submissionId},spark-role!=executor`;
  for (const resource of kinds) {
    for await (const page of admin.list(resource, namespace, { labelSelector })) {
      for (const { metadata } of page) {
        const owners = (metadata!.ownerReferences ?? []).map(({ uid }) => uid);
        found.push({ what: `${resource.kind} ${metadata!.name}`, owners });
      }
    }
  }
  return found;
}

/** Everything that a driver needs is there, once, and belongs to it. */
async function expectComplete(name: string, submissionId: string, uid: string): Promise<void> {
  const [pod, ...rest] = await madeFor(submissionId);
  expect(pod!.what).toBe(`Pod ${name}-driver`);
  expect(rest.map(({ what }) => what.replace(/-[0-9a-f]{8}-driver/, '-*-driver')).toSorted()).toEqual([
    `ConfigMap ${name}-*-driver-conf-map`,
    `ConfigMap ${name}-*-driver-podspec-conf-map`,
    `Service ${name}-*-driver-svc`,
  ]);
  expect(rest.map(({ owners }) => owners)).toEqual([[uid], [uid], [uid]]);
}

const failure = (status: number, error_code: string) => ({
  status,
  body: { status, error_code, message: expect.any(String) as string, timestamp: expect.any(String) as string },
});

describe('201: a submission', () => {
  it('creates the driver with its owner, labels and what it needs, and returns its name', async () => {
    const request = await requestFor('created');
    const { status, headers, body } = await post(request);
    const { submission_id: id } = request;
    expect({ status, type: headers.get('content-type'), body }).toEqual({
      status: 201,
      type: 'application/json',
      body: {
        submission_id: id,
        app_name: 'created',
        message: 'The driver pod was created.',
        submitted_at: expect.stringMatching(RFC_3339) as string,
        spark_app_id: `spark-${id.replaceAll('-', '')}`,
        driver_pod_name: 'created-driver',
        driver_pod_uid: expect.stringMatching(UUID) as string,
        namespace,
        duplicate_submission: false,
      },
    });
    const { metadata, spec } = (await driverOf('created'))!;
    expect(metadata).toMatchObject({
      uid: body.driver_pod_uid,
      creationTimestamp: body.submitted_at,
      ownerReferences: request.driver_pod_template!.metadata!.ownerReferences,
      labels: {
        'spark-app-selector': body.spark_app_id,
        'spark-role': 'driver',
        'sparkoperator.k8s.io/app-name': 'created',
        'sparkoperator.k8s.io/launched-by-spark-operator': 'true',
        'sparkoperator.k8s.io/submission-id': id,
      },
    });
    expect(metadata!.finalizers).toBeUndefined();
    expect(spec!.containers.map(({ name }) => name)).toEqual(['spark-kubernetes-driver']);
    await expectComplete('created', id, body.driver_pod_uid);
    const template = await admin.get(
      Resources.configMaps,
      namespace,
      `created-${id.slice(0, 8)}-driver-podspec-conf-map`,
    );
    const { metadata: ofExecutors } = JSON.parse(template!.data!['podspec-configmap-key']!) as Pod;
    expect(ofExecutors!.ownerReferences).toEqual(request.executor_pod_template!.metadata!.ownerReferences);
    await eventually('the driver to run', async () => (await driverOf('created'))?.status?.phase === 'Running');
  });

  it('goes with its SparkApplication, and nothing of it stays', async () => {
    const request = await requestFor('owned');
    expect((await post(request)).status).toBe(201);
    await admin.delete(Resources.configMaps, namespace, 'owned-owner', { propagationPolicy: 'Background' });
    await eventually('all to go', async () => (await madeFor(request.submission_id)).length === 0);
  });

  it('takes templates and fields that it does not know', async () => {
    const { spark_submit_args, submission_id } = await requestFor('bare');
    const { status } = await post({
      submission_id,
      spark_submit_args,
      driver_pod_template: { metadata: {}, spec: {} },
      executor_pod_template: null,
      of_a_later_operator: true,
    });
    expect(status).toBe(201);
  });
});

describe('200: the same submission again', () => {
  it('finds the driver and makes nothing', async () => {
    const request = await requestFor('again');
    const first = await post(request);
    const before = await madeFor(request.submission_id);
    const again = await post(request);
    expect(again).toMatchObject({
      status: 200,
      body: { ...first.body, message: 'The driver pod already exists.', duplicate_submission: true },
    });
    expect(await madeFor(request.submission_id)).toEqual(before);
  });

  it('at the same time creates one driver, and one answer reports that', async () => {
    const request = await requestFor('at-once');
    const answers = await Promise.all(Array.from({ length: 12 }, () => post(request)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array<number>(11).fill(200), 201]);
    for (const { status, body } of answers) expect(body.duplicate_submission).toBe(status === 200);
    const uids = new Set(answers.map(({ body }) => body.driver_pod_uid));
    expect(uids.size).toBe(1);
    await expectComplete('at-once', request.submission_id, [...uids][0]!);
  });

  it('finds a driver that another of the operator’s submitters made for it', async () => {
    const request = await requestFor('elsewhere');
    const labels = {
      'sparkoperator.k8s.io/submission-id': request.submission_id,
      'spark-app-selector': 'spark-theirs',
      'spark-role': 'driver',
    };
    const made = await admin.create(Resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'elsewhere-driver', namespace, labels },
      spec: { containers: [{ name: 'spark-kubernetes-driver', image: 'spark:4.1.4' }] },
    });
    expect(await post(request)).toMatchObject({
      status: 200,
      body: { duplicate_submission: true, driver_pod_uid: made.metadata!.uid, spark_app_id: 'spark-theirs' },
    });
    expect(await madeFor(request.submission_id)).toHaveLength(1);
  });
});

describe('400 BAD_REQUEST', () => {
  it.each<[string, unknown]>([
    ['malformed JSON', '{"submission_id": '],
    ['an empty body', ''],
    ['no object', '[]'],
    ['no submission ID', { spark_submit_args: ['local:///a.jar'] }],
    ['a submission ID that is not a text', { submission_id: 7, spark_submit_args: ['local:///a.jar'] }],
    ['a submission ID that is not a valid label', { submission_id: '../..', spark_submit_args: ['local:///a.jar'] }],
    ['no arguments', { submission_id: 'a' }],
    ['an empty list of arguments', { submission_id: 'a', spark_submit_args: [] }],
    ['arguments that are one text', { submission_id: 'a', spark_submit_args: '--name x' }],
    ['an argument that is a number', { submission_id: 'a', spark_submit_args: ['--name', 1] }],
  ])('%s', async (_, body) => {
    expect(await post(body)).toMatchObject(failure(400, 'BAD_REQUEST'));
  });

  it('names every field at fault, and repeats the submission ID where there is one', async () => {
    const { body } = await post({ submission_id: 'known' });
    expect(body).toMatchObject({
      submission_id: 'known',
      message: expect.stringMatching(/spark_submit_args/) as string,
    });
    expect((await post({ submission_id: 7 })).body).toMatchObject({
      submission_id: '',
      message: expect.stringMatching(/submission_id: .*; spark_submit_args: /) as string,
    });
  });
});

describe('400 INVALID_SPARK_SUBMIT_ARGS', () => {
  it.each<[string, string[]]>([
    ['an unknown flag', ['--frobnicate', 'x']],
    ['a setting without a value', ['--conf', 'spark.app.name']],
    ['client mode', ['--deploy-mode', 'client']],
    ['another master', ['--master', 'yarn']],
    ['an invalid memory size', ['--conf', 'spark.driver.memory=lots']],
    ["a label of Spark's own", ['--conf', 'spark.kubernetes.driver.label.spark-role=x']],
    ['a file of the submitting machine', ['--jars', '/tmp/a.jar']],
    ["what takes Spark's own client", ['--conf', 'spark.kubernetes.driver.pod.featureSteps=a.B']],
    ['a version of Spark that is not known', ['--conf', 'spark.kubernetes.driver.container.image=spark:2.4.8']],
    ['an image without a version', ['--conf', 'spark.kubernetes.driver.container.image=etl:latest']],
    ['an unknown namespace', ['--conf', 'spark.kubernetes.namespace=no-such-namespace']],
  ])('%s', async (_, args) => {
    const submissionId = randomUUID();
    const request = withArguments(operatorRequest(pi('refused'), submissionId, ownerThatIsNot), ...args);
    expect(await post(request)).toMatchObject(failure(400, 'INVALID_SPARK_SUBMIT_ARGS'));
    expect(await madeFor(submissionId)).toEqual([]);
  });

  it('the application is missing', async () => {
    const { body, status } = await post({ submission_id: 'a', spark_submit_args: ['--master', 'k8s://h'] });
    expect([status, body.error_code]).toEqual([400, 'INVALID_SPARK_SUBMIT_ARGS']);
  });
});

const ownerThatIsNot: Owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: randomUUID() };

describe('404, 405, 413 and 415', () => {
  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s is not a way to submit', async (method) => {
    const answer = await post('{}', { method });
    expect(answer).toMatchObject(failure(405, 'METHOD_NOT_ALLOWED'));
    expect(answer.headers.get('allow')).toBe('POST');
  });

  it.each(['/', '/api/v1', `${SUBMIT_PATH}/x`])('there is nothing at %s', async (path) => {
    expect(await post('{}', { path })).toMatchObject(failure(404, 'BAD_REQUEST'));
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx'])(
    'a body is no %s',
    async (contentType) => {
      expect(await post('{}', { contentType })).toMatchObject(failure(415, 'UNSUPPORTED_MEDIA_TYPE'));
    },
  );

  it('a body has no content encoding', async () => {
    const answer = await post('{}', { headers: { 'content-encoding': 'gzip' } });
    expect(answer).toMatchObject(failure(415, 'UNSUPPORTED_MEDIA_TYPE'));
  });

  it('takes a charset', async () => {
    const contentType = 'Application/JSON; charset=utf-8';
    expect((await post(await requestFor('charset'), { contentType })).status).toBe(201);
  });

  it('a body is not longer than allowed', async () => {
    const request = withArguments(await requestFor('oversized'), '--conf', `spark.x=${'x'.repeat(100_000)}`);
    expect(await post(request)).toMatchObject(failure(413, 'BAD_REQUEST'));
    expect(await madeFor(request.submission_id)).toEqual([]);
  });
});

describe('409 DRIVER_POD_ALREADY_EXISTS', () => {
  it('for another submission of the same driver name, which changes nothing', async () => {
    const first = await requestFor('taken');
    const { body: created } = await post(first);
    const second = { ...first, submission_id: randomUUID() };
    const answer = await post(second);
    expect(answer).toMatchObject(failure(409, 'DRIVER_POD_ALREADY_EXISTS'));
    expect(answer.body).toMatchObject({
      submission_id: second.submission_id,
      message: expect.stringContaining(`belongs to submission ${first.submission_id}`) as string,
    });
    expect(await madeFor(second.submission_id)).toEqual([]);
    await expectComplete('taken', first.submission_id, created.driver_pod_uid);
  });

  it('for a foreign pod of that name', async () => {
    const request = await requestFor('foreign');
    await admin.create(Resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'foreign-driver', namespace },
      spec: { containers: [{ name: 'a', image: 'a' }] },
    });
    expect(await post(request)).toMatchObject(failure(409, 'DRIVER_POD_ALREADY_EXISTS'));
  });
});

describe('422 INVALID_POD_TEMPLATE', () => {
  type Ruled = KubernetesObject & { spec: object };
  const admission = { apiVersion: 'admissionregistration.k8s.io/v1', namespaced: false };
  const policies: Resource<Ruled> = {
    ...admission,
    kind: 'ValidatingAdmissionPolicy',
    plural: 'validatingadmissionpolicies',
  };
  const bindings: Resource<Ruled> = {
    ...admission,
    kind: 'ValidatingAdmissionPolicyBinding',
    plural: 'validatingadmissionpolicybindings',
  };
  const kindOf = ({ apiVersion, kind }: Resource<Ruled>) => ({ apiVersion, kind });
  const container = { name: 'spark-kubernetes-driver' };
  it.each<[string, object]>([
    ['without the driver’s container', { spec: { containers: [{ name: 'other' }] } }],
    ['whose containers are not a list', { spec: { containers: { name: 'a' } } }],
    ['whose spec is a text', { spec: 'x' }],
    ['that the API server finds invalid', { spec: { containers: [container], tolerations: [{ operator: 'x' }] } }],
    ['that the API server cannot read', { spec: { hostNetwork: 'perhaps', containers: [container] } }],
  ])('a template %s, of which nothing stays', async (_, driver_pod_template) => {
    const request = operatorRequest(pi('template'), randomUUID(), ownerThatIsNot);
    expect(await post({ ...request, driver_pod_template })).toMatchObject(failure(422, 'INVALID_POD_TEMPLATE'));
    expect(await madeFor(request.submission_id)).toEqual([]);
  });

  it('for executors, too', async () => {
    const request = operatorRequest(pi('template'), randomUUID(), ownerThatIsNot);
    const answer = await post({ ...request, executor_pod_template: { spec: { containers: 'x' } } });
    expect(answer).toMatchObject(failure(422, 'INVALID_POD_TEMPLATE'));
    expect(answer.body.message).toContain('executor_pod_template.spec.containers');
  });

  it('an unknown service account', async () => {
    const account = ['--conf', 'spark.kubernetes.authenticate.driver.serviceAccountName=nobody'];
    const request = withArguments(operatorRequest(pi('nobody'), randomUUID(), ownerThatIsNot), ...account);
    expect(await post(request)).toMatchObject(failure(422, 'INVALID_POD_TEMPLATE'));
  });

  it('what an admission policy refuses, of which nothing stays', async () => {
    const ruled = await createNamespace({ prefix: 'ruled' });
    const name = `${ruled}-no-drivers`;
    await admin.create(policies, {
      ...kindOf(policies),
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': ruled } },
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        },
        validations: [{ expression: 'false', message: 'no drivers on Sundays' }],
      },
    });
    onTestFinished(async () => void (await admin.delete(policies, undefined, name)));
    await admin.create(bindings, {
      ...kindOf(bindings),
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    });
    onTestFinished(async () => void (await admin.delete(bindings, undefined, name)));
    const probe: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe', namespace: ruled },
      spec: { containers: [{ name: 'main', image: 'spark:4.1.4' }] },
    };
    await eventually('the policy to hold', async () =>
      admin.create(Resources.pods, probe, { dryRun: true }).then(
        () => false,
        (error: Error) => error.message.includes('Sundays'),
      ),
    );
    const request = operatorRequest(sparkPi({ name: 'ruled', namespace: ruled }), randomUUID(), ownerThatIsNot);
    const answer = await post({ ...request, driver_pod_template: {} });
    expect(answer).toMatchObject(failure(422, 'INVALID_POD_TEMPLATE'));
    expect(answer.body.message).toContain('no drivers on Sundays');
    expect(await admin.get(Resources.pods, ruled, 'ruled-driver')).toBeUndefined();
  });

  it('an object that the API server refuses causes the pod to be deleted, too', async () => {
    const port = ['--conf', 'spark.kubernetes.driver.service.label.a=not a label'];
    const request = withArguments(await requestFor('half'), ...port);
    expect(await post(request)).toMatchObject(failure(422, 'INVALID_POD_TEMPLATE'));
    await eventually('all to go', async () => (await madeFor(request.submission_id)).length === 0);
  });
});

describe('500 INTERNAL_SERVER_ERROR', () => {
  const quotas: Resource<KubernetesObject & { spec: object; status?: { hard?: object } }> = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    namespaced: true,
  };

  it('a quota that is used up, for the operator to try again; no half of a driver stays', async () => {
    const full = await createNamespace({ prefix: 'full' });
    const quota = { metadata: { name: 'none', namespace: full }, spec: { hard: { services: '0' } } };
    await admin.create(quotas, quota);
    await eventually('the quota to count', async () => (await admin.get(quotas, full, 'none'))?.status?.hard);
    const request = operatorRequest(sparkPi({ name: 'quota', namespace: full }), randomUUID(), ownerThatIsNot);
    const answer = await post({ ...request, driver_pod_template: {} });
    expect(answer).toMatchObject(failure(500, 'INTERNAL_SERVER_ERROR'));
    expect(answer.body.message).toContain('quota');
    await eventually(
      'the pod to go',
      async () => (await admin.get(Resources.pods, full, 'quota-driver')) === undefined,
    );
    await admin.delete(quotas, full, 'none');
    expect((await post({ ...request, driver_pod_template: {} })).status).toBe(201);
  });

  it('a server that dies at any of its calls, and the next completes what it left', async () => {
    const client = await connectKubernetes({ kubeconfig });
    onTestFinished(() => client.close());
    const counting = faultyKubernetes(client);
    const whole = await serveWith(counting.client);
    expect((await post(await requestFor('whole'), { port: whole.port })).status).toBe(201);
    // Two dry runs at the same time, the pod, and what belongs to it.
    expect(counting.calls).toBe(6);
    for (const call of [1, 2, 3, 4, 5, 6]) {
      for (const when of ['before', 'after'] as const) {
        const name = `dies-${when}-${call}`;
        const request = await requestFor(name);
        const dying = await serveWith(faultyKubernetes(client, { call, when }).client);
        expect(await post(request, { port: dying.port })).toMatchObject(failure(500, 'INTERNAL_SERVER_ERROR'));
        const { status, body } = await post(request);
        expect(status, name).toBe(call < 3 || (call === 3 && when === 'before') ? 201 : 200);
        await expectComplete(name, request.submission_id, body.driver_pod_uid);
      }
    }
  });

  it('what is being deleted is not taken for a driver', async () => {
    const request = await requestFor('going');
    const held = { ...request.driver_pod_template!.metadata, finalizers: ['example.com/held'] };
    const made = { ...request, driver_pod_template: { ...request.driver_pod_template!, metadata: held } };
    const { body } = await post(made);
    await admin.delete(Resources.pods, namespace, 'going-driver', { uid: body.driver_pod_uid });
    expect(await post(made)).toMatchObject(failure(500, 'INTERNAL_SERVER_ERROR'));
    await admin.patch(Resources.pods, namespace, 'going-driver', 'application/merge-patch+json', {
      metadata: { finalizers: null },
    });
    await eventually('it to be gone', async () => (await driverOf('going')) === undefined);
    // Until what belonged to it is gone, too.
    await eventually('another to be made', async () => (await post(request)).status < 300);
  });

  it('an unreachable API server', async () => {
    const [port] = await freePorts(1);
    const file = join(directory, 'away.kubeconfig.yaml');
    const written = await readFile(kubeconfig, 'utf8');
    await writeFile(file, written.replace(/https:\/\/127\.0\.0\.1:\d+/, `https://127.0.0.1:${port}`));
    const away = await connectKubernetes({ kubeconfig: file, retry: { maxRetries: 0 } });
    onTestFinished(() => away.close());
    const started = await serveWith(away);
    const answer = await post(await requestFor('away'), { port: started.port });
    expect(answer).toMatchObject(failure(500, 'INTERNAL_SERVER_ERROR'));
    expect(answer.body.message).toContain(`127.0.0.1:${port}`);
  });
});

describe('500 INTERNAL_SERVER_ERROR, of what the cluster does not do', () => {
  it('a right is missing, and the message names it', async () => {
    const user = `system:serviceaccount:${namespace}:powerless`;
    const powerless = await serveWith(admin.as({ user }));
    const request = operatorRequest(pi('powerless'), randomUUID(), ownerThatIsNot);
    const answer = await post(request, { port: powerless.port });
    expect(answer).toMatchObject(failure(500, 'INTERNAL_SERVER_ERROR'));
    expect(answer.body.message).toContain(user);
    expect(answer.body.message).toContain('pods');
    expect(await madeFor(request.submission_id)).toEqual([]);
  });

  it('an API server that does not answer before the deadline', async () => {
    let asked = 0;
    const silent = interceptedKubernetes(admin, ({ signal }) => {
      asked += 1;
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
    });
    const started = await serveWith(silent, { deadlineMs: 3_000 });
    const answer = await post(await requestFor('silent'), { port: started.port });
    expect(answer).toMatchObject(failure(500, 'INTERNAL_SERVER_ERROR'));
    expect(asked).toBeGreaterThan(0);
    await eventually('it to be over', () => started.inFlight === 0);
  });
});

/** A server of that client, for one test. */
async function serveWith(kubernetes: KubernetesClient, limits = {}): Promise<SubmissionServer> {
  const started = await SubmissionServer.start({
    host: '127.0.0.1',
    port: 0,
    limits,
    submit: submitterOf(kubernetes),
  });
  onTestFinished(() => started.drain(0));
  return started;
}

/** Sends a request except its last byte, until it is called to complete it; resolves once the server has its head. */
async function begin(port: number, body: unknown) {
  const written = JSON.stringify(body);
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    path: SUBMIT_PATH,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(written),
      expect: '100-continue',
    },
  });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  answered.catch(() => undefined);
  request.write(written.slice(0, -1));
  await once(request, 'continue');
  return {
    async complete(): Promise<{ status: number | undefined; connection: string | undefined }> {
      request.end(written.slice(-1));
      const [response] = await answered;
      response.resume();
      return { status: response.statusCode, connection: response.headers.connection };
    },
  };
}

describe('503 SUBMITTER_OVERLOADED', () => {
  it('for one more than the limit, with the time of the next try', async () => {
    const gate = new AbortController();
    const opened = once(gate.signal, 'abort');
    const waiting = interceptedKubernetes(admin, (_, proceed) => opened.then(proceed));
    const busy = await serveWith(waiting, { maxConcurrent: 1 });
    const first = post(await requestFor('busy-1'), { port: busy.port });
    await eventually('it to be under way', () => busy.inFlight === 1);
    const second = await requestFor('busy-2');
    const answer = await post(second, { port: busy.port });
    expect(answer).toMatchObject(failure(503, 'SUBMITTER_OVERLOADED'));
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(await madeFor(second.submission_id)).toEqual([]);
    gate.abort();
    expect((await first).status).toBe(201);
    await eventually('it to be over', () => busy.inFlight === 0);
    expect((await post(second, { port: busy.port })).status).toBe(201);
  });
});

describe('503 SUBMITTER_OVERLOADED by the API server', () => {
  it('for one that is too busy, with the time that it returns', async () => {
    const { TooManyRequests: type } = KubernetesErrorType;
    const busy = interceptedKubernetes(admin, async ({ name }, proceed) => {
      if (name !== 'create') return proceed();
      throw new KubernetesError({ type, message: 'too many requests', status: 429, retryAfterMs: 6_500 });
    });
    const started = await serveWith(busy);
    const request = await requestFor('throttled');
    const answer = await post(request, { port: started.port });
    expect(answer).toMatchObject(failure(503, 'SUBMITTER_OVERLOADED'));
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(await madeFor(request.submission_id)).toEqual([]);
  });
});

interface ServerProcess {
  readonly lines: readonly string[];
  /** Sends the signal; resolves with how the process ended. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** `temporal-spark submitter-server`, as the operator's users run it; resolves once it takes submissions. */
async function startProcess(port: number, ...args: string[]): Promise<ServerProcess> {
  const command = [join(root, 'src/cli/main.ts'), 'submitter-server', '--listen', `127.0.0.1:${port}`, ...args];
  const child = spawn(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], KUBECONFIG: kubeconfig },
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  await eventually(
    'the server to take submissions',
    () => child.exitCode !== null || lines.some((line) => line.includes('Serving submissions')),
  );
  if (child.exitCode !== null) throw new Error(`It ended with exit code ${child.exitCode}:\n${lines.join('\n')}`);
  return {
    lines,
    async end(signal) {
      child.kill(signal);
      const [code, by] = await exited;
      return { code, signal: by };
    },
  };
}

async function probe(port: number, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

describe('the process', () => {
  it('answers probes, logs and counts what it answers, and ends with SIGTERM', async () => {
    const [port, health, metrics] = (await freePorts(3)) as [number, number, number];
    const running = await startProcess(
      port,
      ...['--health-address', `127.0.0.1:${health}`, '--metrics-address', `127.0.0.1:${metrics}`],
      ...['--log-format', 'json', '--max-body-kib', '1'],
    );
    expect(await probe(health, '/readyz')).toEqual({
      status: 200,
      text: JSON.stringify({ ok: true, checks: { submissions: 'ok', kubernetes: 'ok' } }),
    });
    expect((await probe(health, '/livez')).status).toBe(200);
    const tooLong = await post({ submission_id: 'x'.repeat(2_000) }, { port });
    expect(tooLong.status).toBe(413);
    await eventually('a line of the log', () =>
      running.lines.some((line) => line.includes('"errorCode":"BAD_REQUEST"')),
    );
    expect((await probe(metrics, '/metrics')).text).toMatch(
      /^temporal_spark_submitter_server_answers\{.*error_code="BAD_REQUEST".*status="413".*\} 1$/m,
    );
    expect(await running.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('on SIGTERM finishes what runs, and refuses what is new', async () => {
    const [port, health] = (await freePorts(2)) as [number, number];
    const running = await startProcess(port, '--health-address', `127.0.0.1:${health}`);
    const begun = await begin(port, await requestFor('drained'));
    const ended = running.end('SIGTERM');
    const late = await requestFor('late');
    await eventually('it to refuse', async () => {
      const answer = await post(late, { port });
      return answer.status === 503 && answer;
    }).then((answer) => {
      expect(answer).toMatchObject(failure(503, 'SUBMITTER_OVERLOADED'));
      expect(answer.headers.get('connection')).toBe('close');
      expect(answer.headers.get('retry-after')).toBe('2');
    });
    expect((await probe(health, '/readyz')).status).toBe(503);
    expect(await begun.complete()).toEqual({ status: 201, connection: 'close' });
    expect(await ended).toEqual({ code: 0, signal: null });
  });

  it('killed at any moment: sent again to another, every submission has one complete driver', async () => {
    const [first, second] = (await freePorts(2)) as [number, number];
    const dying = await startProcess(first);
    const requests = await Promise.all(Array.from({ length: 20 }, (_, index) => requestFor(`killed-${index}`)));
    const attempts = Promise.allSettled(requests.map((request) => post(request, { port: first })));
    await eventually('some driver', async () =>
      (await Promise.all(requests.map((_, index) => driverOf(`killed-${index}`)))).some((pod) => pod !== undefined),
    );
    expect(await dying.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    const answered = (await attempts).flatMap((result, index) =>
      result.status === 'fulfilled' ? [[index, result.value.body.driver_pod_uid] as const] : [],
    );
    await startProcess(second);
    const again = await Promise.all(requests.map((request) => post(request, { port: second })));
    expect(again.map(({ status }) => status).filter((status) => status !== 200 && status !== 201)).toEqual([]);
    // What was answered before is the same driver after.
    for (const [index, uid] of answered) expect(again[index]!.body.driver_pod_uid).toBe(uid);
    for (const [index, request] of requests.entries()) {
      await expectComplete(`killed-${index}`, request.submission_id, again[index]!.body.driver_pod_uid);
    }
  });

  it('reports which of its settings is not usable', async () => {
    const failing = startProcess(0, '--tls-cert', '/nonexistent.crt', '--tls-key', '/nonexistent.key');
    await expect(failing).rejects.toThrow(/exit code 2:\n\/nonexistent.crt cannot be read/);
  });
});

describe('mTLS', () => {
  it('admits the operator, and no client without its certificate', async () => {
    const authority = await createCertificateAuthority(join(directory, 'authority'));
    const ofServer = await authority.issue({ name: 'server', commonName: 'server', ips: ['127.0.0.1'] });
    const ofOperator = await authority.issue({ name: 'operator', commonName: 'operator' });
    const [port] = (await freePorts(1)) as [number];
    const tls = ['--tls-cert', ofServer.certFile, '--tls-key', ofServer.keyFile, '--client-ca', authority.certFile];
    const running = await startProcess(port, ...tls);
    const ca = await readFile(authority.certFile);
    const certificate = { cert: await readFile(ofOperator.certFile), key: await readFile(ofOperator.keyFile) };
    const submit = async (written: SubmitRequest, shown: object) => {
      const agent = new TlsAgent({ ca, ...shown });
      const headers = { 'content-type': 'application/json' };
      const request = httpsRequest({ agent, host: '127.0.0.1', port, path: SUBMIT_PATH, method: 'POST', headers });
      request.end(JSON.stringify(written));
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      const body = JSON.parse(await text(response)) as SubmitResponse;
      agent.destroy();
      return { status: response.statusCode, body };
    };
    const refused = await requestFor('mtls-refused');
    await expect(submit(refused, {})).rejects.toThrow();
    await expect(post(refused, { port })).rejects.toThrow();
    expect(await madeFor(refused.submission_id)).toEqual([]);
    const request = await requestFor('mtls');
    const { status, body } = await submit(request, certificate);
    expect(status).toBe(201);
    await expectComplete('mtls', request.submission_id, body.driver_pod_uid);
    expect(running.lines.some((line) => line.includes('Rejected a connection'))).toBe(true);
  });
});

describe('of secrets', () => {
  const SECRET = 'hunter2-and-more';
  it.each<[string, string[]]>([
    ['a setting', ['--conf', `spark.hadoop.fs.s3a.secret.key=${SECRET}`, '--conf', 'spark.driver.memory=lots']],
    ['what is wrong with one', ['--conf', `spark.kubernetes.driver.secretKeyRef.A=${SECRET}`]],
    ['an environment', ['--conf', `spark.kubernetes.driverEnv.PASS=${SECRET}`, '--conf', 'spark.driver.cores=x']],
  ])('%s is neither answered nor logged', async (_, args) => {
    const request = withArguments(operatorRequest(pi('secret'), randomUUID(), ownerThatIsNot), ...args);
    const { status, body } = await post(request);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).not.toContain(SECRET);
  });

  it('nothing stands in the log', () => {
    expect(logged.length).toBeGreaterThan(10);
    expect(logged.join('\n')).not.toContain(SECRET);
    expect(logged.join('\n')).not.toContain('spark-examples.jar');
  });
});

describe('deploy/submitter-server.yaml', () => {
  it('grants what the server requests of an API server, and no other verb', async () => {
    const submission = sparkPi({ name: 'claims', namespace, image: 'spark:4.2.0', annotations: RUN_FOREVER });
    const claim = 'spark.kubernetes.driver.volumes.persistentVolumeClaim.data';
    const request = withArguments(
      operatorRequest(submission, randomUUID(), await owner('claims')),
      ...['--conf', `${claim}.mount.path=/data`, '--conf', `${claim}.options.claimName=OnDemand`],
      ...['--conf', `${claim}.options.sizeLimit=1Gi`, '--conf', `${claim}.options.storageClass=standard`],
    );
    const first = await post(request);
    expect(first.status, first.body.message).toBe(201);
    expect((await post(request)).status).toBe(200);
    const refused = ['--conf', 'spark.kubernetes.driver.service.label.a=not a label'];
    expect((await post(withArguments(await requestFor('undone'), ...refused))).status).toBe(422);
    const granted = [...grantsOf(deployed, account)].toSorted();
    const user = `system:serviceaccount:${namespace}:${account}`;
    const asked = async () => [...(await requestsOf(sharedLab().auditLog, user))].toSorted();
    await eventually('the log of it all', async () => (await asked()).length >= granted.length);
    expect(await asked()).toEqual(granted);
  });
});
