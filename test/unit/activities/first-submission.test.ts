import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { createSparkActivities } from '../../../src/activities/index.ts';
import {
  KubernetesError,
  KubernetesErrorType,
  type CallOptions,
  type KubernetesClient,
  type Resource,
} from '../../../src/kubernetes/index.ts';
import type { KubernetesObject, Pod } from '../../../src/kubernetes/objects.ts';
import { attemptIdentity } from '../../../src/spark/index.ts';
import { Annotation } from '../../../src/spark/metadata.ts';
import { sparkPi } from '../../support/manifests.ts';
import { knownNamespace } from '../../support/temporal-namespace.ts';

const DRIVER = 'spark-pi-driver';

const identityOf = (firstRunId: string, owned: boolean) =>
  attemptIdentity({
    ...{ workflowId: 'spark/default/spark-pi', firstRunId, attempt: 1, temporalNamespace: 'default' },
    ...{ applicationName: 'spark-pi', driverPodName: DRIVER, submitTime: 0 },
    ...(owned ? { owner: { name: 'spark-pi', uid: 'resource' } } : {}),
  });

/** The driver of the previous run, which has ended and is kept for its log. */
function previous(): Pod {
  const { labels, annotations } = identityOf('before', true);
  const name = 'spark-kubernetes-driver';
  const ended = { name, ready: false, restartCount: 0, image: '', imageID: '', state: { terminated: { exitCode: 0 } } };
  return {
    metadata: {
      name: DRIVER,
      namespace: 'default',
      uid: 'before',
      labels: { ...labels },
      annotations: { ...annotations, [Annotation.TemporalNamespaceId]: 'ours' },
    },
    spec: { nodeName: 'node', containers: [{ name }] },
    status: { phase: 'Succeeded', containerStatuses: [ended] },
  };
}

interface Submission {
  readonly pods?: readonly Pod[];
  /** Whether it is for a resource. @default true */
  readonly owned?: boolean;
  /** Of the activity. @default 1 */
  readonly tries?: number;
}

/** The calls about pods of a submission, but for dry runs. */
async function callsOf({ pods: found = [], owned = true, tries = 1 }: Submission): Promise<string[]> {
  const calls: string[] = [];
  const pods = new Map(found.map((pod) => [pod.metadata!.name!, pod]));
  const kubernetes = {
    watch: () => ({
      ...{ ready: Promise.resolve(), release: () => undefined },
      list: () => [{ metadata: { name: 'compute-0', labels: {} } }],
    }),
    version: async () => '1.36',
    get: async ({ plural }: Resource, _: string, name: string) => {
      if (plural !== 'pods') return undefined;
      calls.push('get');
      return pods.get(name);
    },
    create: async (
      { plural }: Resource,
      object: KubernetesObject,
      { dryRun = false }: CallOptions & { dryRun?: boolean },
    ) => {
      const created = { ...object, metadata: { ...object.metadata, uid: 'new' } };
      if (plural !== 'pods' || dryRun) return created;
      calls.push('create');
      const name = created.metadata.name!;
      if (pods.has(name)) throw new KubernetesError({ type: KubernetesErrorType.AlreadyExists, message: 'taken' });
      pods.set(name, created);
      return created;
    },
    delete: async (_: Resource, __: string, name: string) => {
      calls.push('delete');
      pods.delete(name);
    },
  } as unknown as KubernetesClient;
  const input = { manifest: sparkPi(), identity: identityOf('now', owned) };
  const environment = new MockActivityEnvironment(
    { activityNamespace: 'default', taskQueue: 'spark', startToCloseTimeoutMs: 60_000, attempt: tries },
    { client: knownNamespace() },
  );
  const activities = createSparkActivities({ kubernetes });
  expect(await environment.run(() => activities.submitSparkApplication(input))).toMatchObject({ driverPodUid: 'new' });
  return calls;
}

it('the first submission of a resource looks for no previous driver', async () => {
  expect(await callsOf({})).toEqual(['create', 'get']);
});

it('the first submission of a resource removes the driver of a previous run that has its name', async () => {
  const calls = await callsOf({ pods: [previous()] });
  expect(calls.slice(0, 2)).toEqual(['create', 'get']);
  expect(calls.slice(-5)).toEqual(['get', 'delete', 'get', 'create', 'get']);
});

it.each<[what: string, submission: Submission]>([
  ['of an application without a resource', { owned: false }],
  ['that is tried again', { tries: 2 }],
])('a submission %s looks for a previous driver first', async (_, submission) => {
  expect(await callsOf(submission)).toEqual(['get', 'create', 'get']);
});
