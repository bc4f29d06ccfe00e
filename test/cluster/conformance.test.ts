import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Resources, type KubernetesClient, type Resource } from '../../src/kubernetes/index.ts';
import type { ConfigMap, KubernetesObject, ObjectMeta, OwnerReference, Pod } from '../../src/kubernetes/objects.ts';
import { Annotation, Label } from '../../src/spark/metadata.ts';
import {
  NativeSubmitter,
  type CreatedDriver,
  type SparkApplicationSubmitter,
  type SubmissionRequest,
} from '../../src/submitters/index.ts';
import { submitterConformance, type ConformanceCheck } from '../../src/testing/index.ts';
import { interceptedKubernetes, type Intercept } from '../../src/testing/intercepted-kubernetes.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { eventually } from '../../lab/eventually.ts';

const cluster = useCluster('conformance');
const names = submitterConformance({
  submitter: () => new NativeSubmitter(),
  kubernetes: undefined as never,
  namespace: '',
}).map(({ name }) => name);

function check(name: string, submitter: () => SparkApplicationSubmitter): ConformanceCheck {
  const { kubernetes, namespace } = cluster.env;
  return submitterConformance({ submitter, kubernetes, namespace }).find((candidate) => candidate.name === name)!;
}

describe('the native submitter', () => {
  it.each(names)('%s', (name) => check(name, () => new NativeSubmitter()).run());
});

type Submit = SparkApplicationSubmitter['submit'];

const native = new NativeSubmitter();

/** Submits natively, over a client that reports each call. */
const over =
  (intercept: (request: SubmissionRequest, ...call: Parameters<Intercept>) => Promise<unknown>): Submit =>
  (request, context) =>
    native.submit(request, {
      ...context,
      kubernetes: interceptedKubernetes(context.kubernetes, (...call) => intercept(request, ...call)),
    });

/** Submits natively, and creates what this makes of each object. */
const creating =
  (change: (object: KubernetesObject, request: SubmissionRequest) => KubernetesObject): Submit =>
  (request, context) => {
    const { kubernetes } = context;
    const create = async (resource: Resource, object: KubernetesObject, options: object) =>
      kubernetes.create(resource, change(object, request), options);
    return native.submit(request, {
      ...context,
      kubernetes: Object.create(kubernetes, { create: { value: create } }) as KubernetesClient,
    });
  };

const withMetadata = (object: KubernetesObject, metadata: ObjectMeta): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
});

const withOwner = (change: Partial<OwnerReference>): Submit =>
  creating((object) =>
    object.kind === 'Pod'
      ? object
      : withMetadata(object, {
          ownerReferences: object.metadata!.ownerReferences!.map((owner) => ({ ...owner, ...change })),
        }),
  );

const extraConfigMap = (request: SubmissionRequest): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `${request.identity.driverPodName}-extra`, namespace: request.submission.namespace },
});

/** Submits natively; where that fails, does this. */
const onFailure =
  (recover: (error: unknown, ...call: Parameters<Submit>) => Promise<CreatedDriver>): Submit =>
  async (request, context) => {
    try {
      return await native.submit(request, context);
    } catch (error) {
      return recover(error, request, context);
    }
  };

const answer = ({ identity }: SubmissionRequest, { metadata }: Pod): CreatedDriver => ({
  driverPodName: identity.driverPodName,
  driverPodUid: metadata!.uid!,
  sparkApplicationId: identity.sparkApplicationId,
  adopted: true,
});

const existingDriver = async ({ submission, identity }: SubmissionRequest, kubernetes: KubernetesClient) =>
  (await kubernetes.get(Resources.pods, submission.namespace, identity.driverPodName))!;

const isConflict = (error: unknown) => (error as { type?: string }).type === 'DriverNameConflict';

const returning =
  (change: Partial<CreatedDriver>): Submit =>
  async (request, context) => ({ ...(await native.submit(request, context)), ...change });

const typed = (error: unknown, retryable: boolean) =>
  Object.assign(new Error((error as Error).message), { type: 'Broken', retryable });

const OBEYS = 'creates the requested driver';
const OWNS = 'makes the driver the owner';
const REPEATS = 'is idempotent';
const CONCURS = 'makes one driver of concurrent requests';
const SURVIVES = 'completes every submission after a crash';
const RESPECTS = 'refuses a name that another pod has';
const REFUSES = 'leaves nothing behind of an invalid submission';
const FAILS = 'leaves nothing behind of a submission that the cluster refuses';
const SECRETS = 'shows no secret';

/** Each breaks the contract in one way; the suite must detect and report it. */
const offenders: readonly (readonly [name: string, submit: Submit, found: string, violation: RegExp])[] = [
  [
    'forgets the finalizer',
    creating((object) => (object.kind === 'Pod' ? withMetadata(object, { finalizers: [] }) : object)),
    OBEYS,
    /lacks the finalizer/,
  ],
  [
    'forgets a label of the driver',
    creating((object) =>
      object.kind === 'Pod'
        ? withMetadata(object, { labels: { ...object.metadata!.labels, [Label.AppName]: 'other' } })
        : object,
    ),
    OBEYS,
    /^label .* of Pod /,
  ],
  [
    'changes an annotation',
    creating((object) =>
      object.kind === 'Pod'
        ? withMetadata(object, { annotations: { ...object.metadata!.annotations, [Annotation.Attempt]: '2' } })
        : object,
    ),
    OBEYS,
    /^annotation .* of the driver/,
  ],
  ['returns another UID', returning({ driverPodUid: 'other' }), OBEYS, /^driverPodUid/],
  ['returns another name', returning({ driverPodName: 'other' }), OBEYS, /^driverPodName/],
  ['returns another application ID', returning({ sparkApplicationId: 'spark-other' }), OBEYS, /^sparkApplicationId/],
  ['returns that it adopted what it created', returning({ adopted: true }), OBEYS, /^adopted/],
  [
    'creates something in another namespace, too',
    async (request, context) => {
      const stray = withMetadata(extraConfigMap(request), { namespace: 'default' });
      await context.kubernetes.create(Resources.configMaps, stray);
      return native.submit(request, context);
    },
    OBEYS,
    /^objects in other namespaces: .*in default/,
  ],
  ['returns that it created what it adopted', returning({ adopted: false }), REPEATS, /^adopted/],
  [
    'creates the driver again when called again',
    async (request, context) => {
      const first = await native.submit(request, context);
      if (!first.adopted) return first;
      const { submission, identity } = request;
      const patch = { metadata: { finalizers: null } };
      await context.kubernetes.patch(
        Resources.pods,
        submission.namespace,
        identity.driverPodName,
        'application/merge-patch+json',
        patch,
      );
      await context.kubernetes.delete(Resources.pods, submission.namespace, identity.driverPodName, {
        gracePeriodSeconds: 0,
      });
      // What the first driver owned must be deleted first.
      await eventually('another driver', () => native.submit(request, context));
      return first;
    },
    REPEATS,
    /^the existing objects/,
  ],
  [
    'makes another ConfigMap each time',
    async (request, context) => {
      const object = withMetadata(extraConfigMap(request), { name: `extra-${randomUUID()}` });
      await context.kubernetes.create(Resources.configMaps, object);
      return native.submit(request, context);
    },
    REPEATS,
    /^the existing objects/,
  ],
  [
    'forgets a label of what belongs to the driver',
    creating((object) => (object.kind === 'ConfigMap' ? withMetadata(object, { labels: {} }) : object)),
    OWNS,
    /^label .* of ConfigMap /,
  ],
  [
    'creates objects without an owner',
    creating((object) => (object.kind === 'Pod' ? object : withMetadata(object, { ownerReferences: [] }))),
    OWNS,
    /^owners of /,
  ],
  ['names another UID as the owner', withOwner({ uid: randomUUID() }), OWNS, /^owners of |neither was created/],
  ['names another kind of owner', withOwner({ kind: 'Service' }), OWNS, /^owners of |neither was created/],
  ['has what belongs to the driver hold it up', withOwner({ blockOwnerDeletion: true }), OWNS, /blocks the deletion/],
  [
    'makes only the pod',
    over(async (_, { name, args }, proceed) =>
      name === 'create' && (args[0] as Resource).kind !== 'Pod' ? args[1] : proceed(),
    ),
    OWNS,
    /neither was created/,
  ],
  [
    'makes a driver for each who asks at the same time',
    async (request, context) => {
      const { pod } = await native.render(request);
      await context.kubernetes.create(Resources.pods, {
        ...pod,
        metadata: { ...pod.metadata, name: `${pod.metadata!.name}-${randomUUID()}` },
      });
      return native.submit(request, context);
    },
    CONCURS,
    /^drivers: 5/,
  ],
  [
    'takes an unfinished driver for whole',
    async (request, context) => {
      const driver = await existingDriver(request, context.kubernetes);
      return driver === undefined ? native.submit(request, context) : answer(request, driver);
    },
    SURVIVES,
    /^objects after it died/,
  ],
  [
    'takes any pod of that name for its own',
    onFailure(async (_, request, { kubernetes }) => answer(request, await existingDriver(request, kubernetes))),
    RESPECTS,
    /did not fail/,
  ],
  [
    'takes the driver of another submission for its own',
    onFailure(async (error, request, { kubernetes }) => {
      const driver = isConflict(error) ? await existingDriver(request, kubernetes) : undefined;
      if (driver?.metadata!.labels?.[Label.SubmissionId] === undefined) throw error;
      return answer(request, driver);
    }),
    RESPECTS,
    /did not fail/,
  ],
  [
    'removes a pod that has the name',
    onFailure(async (error, { submission, identity }, { kubernetes }) => {
      await kubernetes.delete(Resources.pods, submission.namespace, identity.driverPodName, { gracePeriodSeconds: 0 });
      throw error;
    }),
    RESPECTS,
    /^UID of the other pod|the other pod was deleted/,
  ],
  [
    'labels a pod that has the name',
    onFailure(async (error, { submission, identity }, { kubernetes }) => {
      await kubernetes.patch(
        Resources.pods,
        submission.namespace,
        identity.driverPodName,
        'application/merge-patch+json',
        { metadata: { labels: { taken: 'true' } } },
      );
      throw error;
    }),
    RESPECTS,
    /^labels of the other pod/,
  ],
  [
    'leaves a ConfigMap when the name is taken',
    onFailure(async (error, request, { kubernetes }) => {
      if (isConflict(error)) await kubernetes.create(Resources.configMaps, extraConfigMap(request));
      throw error;
    }),
    RESPECTS,
    /^objects made: .*-extra/,
  ],
  [
    'leaves a ConfigMap after a refusal',
    onFailure(async (error, request, { kubernetes }) => {
      await kubernetes.create(Resources.configMaps, extraConfigMap(request));
      throw error;
    }),
    REFUSES,
    /^objects made: .*-extra/,
  ],
  [
    'throws an error without a type',
    onFailure(async (error) => Promise.reject(new Error(String(error)))),
    REFUSES,
    /has no type/,
  ],
  ['has all tried again', onFailure(async (error) => Promise.reject(typed(error, true))), REFUSES, /retryable: true/],
  [
    'makes what the driver needs before the driver',
    async (request, context) => {
      await context.kubernetes.create(Resources.configMaps, extraConfigMap(request));
      return native.submit(request, context);
    },
    FAILS,
    /^objects (made|left)/,
  ],
  [
    'does not retry on a quota',
    onFailure(async (error) => Promise.reject(typed(error, false))),
    FAILS,
    /QuotaExceeded: retryable: false/,
  ],
  [
    'tries what is forbidden again',
    onFailure(async (error) => Promise.reject(typed(error, (error as { type?: string }).type !== 'SubmissionRefused'))),
    FAILS,
    /retryable: true/,
  ],
  [
    'ignores a refused object of the driver',
    over(async (_, { name, args }, proceed) => {
      if (name !== 'create' || (args[0] as Resource).kind === 'Pod') return proceed();
      return proceed().catch(() => args[1]);
    }),
    FAILS,
    /did not fail/,
  ],
  [
    'does not listen',
    (request, context) => native.submit(request, { ...context, signal: new AbortController().signal }),
    'stops when its signal is aborted',
    /did not fail/,
  ],
  [
    'begins although it was aborted',
    async (request, context) => {
      await context.kubernetes.create(Resources.configMaps, extraConfigMap(request));
      return native.submit(request, context);
    },
    'stops when its signal is aborted',
    /^objects made of a submission that was aborted/,
  ],
  [
    'returns what is half-made when time is up',
    onFailure(async (error, request, context) => {
      const driver = context.signal.aborted ? await existingDriver(request, context.kubernetes) : undefined;
      if (driver === undefined) throw error;
      return answer(request, driver);
    }),
    'returns nothing incomplete',
    /^objects of a submission that returned/,
  ],
  [
    'waits for an API server for ever',
    (request, context) => native.submit(request, { ...context, signal: new AbortController().signal }),
    'stops waiting for an API server',
    /still running 5000 ms after/,
  ],
  [
    'omits what it cannot do',
    (request, context) => {
      const { 'spark.kubernetes.driver.pod.featureSteps': _, ...conf } = request.submission.conf;
      return native.submit({ ...request, submission: { ...request.submission, conf } }, context);
    },
    'refuses requests that need an undeclared capability',
    /spark-client.* did not fail/,
  ],
  [
    'changes its request',
    async (request, context) => {
      const created = await native.submit(request, context);
      if (!Object.isFrozen(request.submission.conf)) Object.assign(request.submission.conf, { 'spark.x': 'y' });
      return created;
    },
    'does not change its request',
    /^the request/,
  ],
  [
    'shows everything',
    onFailure(async (_, { submission }) =>
      Promise.reject(new Error(`cannot submit ${JSON.stringify(submission.conf)}`)),
    ),
    SECRETS,
    /shows the value/,
  ],
  [
    'shows everything in the cause of an error',
    onFailure(async (error, { submission }) =>
      Promise.reject(new Error('failed', { cause: { error, tried: { conf: submission.conf } } })),
    ),
    SECRETS,
    /shows the value/,
  ],
  [
    'keeps everything in an error that does not show it',
    onFailure(async (error, request) =>
      Promise.reject(Object.defineProperty(error as Error, 'request', { value: request, enumerable: false })),
    ),
    SECRETS,
    /shows the value/,
  ],
  [
    'logs everything',
    async (request, context) => {
      console.debug('submitting', { key: request.submission.conf['spark.hadoop.fs.s3a.secret.key'] });
      return native.submit(request, context);
    },
    SECRETS,
    /written to the output/,
  ],
  [
    'writes everything to the standard error',
    async (request, context) => {
      process.stderr.write(`${request.submission.conf['spark.hadoop.fs.s3a.secret.key']}\n`);
      return native.submit(request, context);
    },
    SECRETS,
    /written to the output/,
  ],
];

describe('a submitter that', () => {
  it.each(offenders)('%s is detected', async (_, submit, found, violation) => {
    const name = names.find((candidate) => candidate.startsWith(found))!;
    const error: unknown = await check(name, () => ({ name: 'offender', submit }))
      .run()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'ConformanceViolation', message: expect.stringMatching(violation) as string });
  });

  it('calls the cluster while it renders is detected', async () => {
    const name = names.find((candidate) => candidate.startsWith('renders what it creates'))!;
    let known: KubernetesClient | undefined;
    const offender: SparkApplicationSubmitter = {
      name: 'offender',
      submit: (request, context) => {
        known = context.kubernetes;
        return native.submit(request, context);
      },
      render: async (request) => {
        await known?.version();
        return native.render(request);
      },
    };
    await expect(check(name, () => offender).run()).rejects.toThrow('calls to the API server');
  });

  it('renders something else than it creates is detected', async () => {
    const name = names.find((candidate) => candidate.startsWith('renders what it creates'))!;
    const offender: SparkApplicationSubmitter = {
      name: 'offender',
      submit: (request, context) => native.submit(request, context),
      render: async (request) => {
        const { pod, dependents } = await native.render(request);
        return { pod: { ...pod, spec: { ...pod.spec!, priorityClassName: 'high' } }, dependents };
      },
    };
    await expect(check(name, () => offender).run()).rejects.toThrow('/pod/spec/priorityClassName');
  });
});
