import { describe, expect, it } from 'vitest';
import { createSparkActivities, type SparkActivitiesOptions } from '../../../src/activities/index.ts';
import { Clusters } from '../../../src/clusters/index.ts';
import { Resources, type KubernetesClient, type Resource } from '../../../src/kubernetes/index.ts';
import type { SparkApplicationManifest } from '../../../src/manifest/index.ts';
import { attemptIdentity } from '../../../src/spark/index.ts';
import { NativeSubmitter, Submitters, type SparkApplicationSubmitter } from '../../../src/submitters/index.ts';
import { parseTenancy, Tenancy } from '../../../src/tenancy/index.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';
import { sparkPi } from '../../support/manifests.ts';
import { knownNamespace } from '../../support/temporal-namespace.ts';

/** A cluster with one node, and namespaces with these labels. It rejects any write. */
function cluster(labels: Record<string, string> = {}): KubernetesClient & { readonly read: string[] } {
  const read: string[] = [];
  const node = { metadata: { name: 'compute-0', labels: {} } };
  return {
    read,
    watch: () => ({ ready: Promise.resolve(), list: () => [node], release: () => undefined }),
    version: () => Promise.resolve('1.36'),
    get: async ({ kind }: Resource<never>, _: string | undefined, name: string) => {
      read.push(`${kind} ${name}`);
      return kind === Resources.namespaces.kind ? { metadata: { name, labels } } : undefined;
    },
    create: () => Promise.reject(new Error('created')),
  } as unknown as KubernetesClient & { readonly read: string[] };
}

const own = (name: string): SparkApplicationSubmitter => ({
  name,
  submit: () => Promise.reject(new Error(`submitted by ${name}`)),
});

interface Setup extends Partial<SparkActivitiesOptions> {
  readonly rule: object;
  readonly manifest?: SparkApplicationManifest;
  readonly annotations?: Record<string, string>;
  readonly cluster?: string;
}

/** Submits with that rule as the only one. Resolves to the answer, or to the failure. */
async function submit({ rule, manifest = sparkPi(), annotations = {}, cluster: planned, ...options }: Setup) {
  const tenancy = new Tenancy(parseTenancy({ rules: [{ name: 'only', ...rule }] }));
  const activities = createSparkActivities({ kubernetes: cluster(), tenancy, ...options });
  const identity = attemptIdentity({
    ...{ workflowId: 'spark/default/pi', firstRunId: 'run', attempt: 1, temporalNamespace: 'default' },
    ...{ applicationName: 'spark-pi', driverPodName: 'spark-pi-driver', submitTime: 0 },
  });
  const written = { ...manifest, metadata: { ...manifest.metadata, annotations } };
  const input = { manifest: written, identity, ...(planned === undefined ? {} : { cluster: planned }) };
  const environment = new ActivityEnvironment(
    { activityNamespace: 'default', taskQueue: 'spark', startToCloseTimeoutMs: 60_000 },
    { client: knownNamespace() },
  );
  return environment.run(() => activities.submitSparkApplication(input)).catch((error: unknown) => error);
}

const refused = (text: string) => ({
  ...{ type: 'TenancyRefused', nonRetryable: true, message: expect.stringContaining(text) as string },
});

describe('a submission that tenancy does not allow', () => {
  it.each<[string, Partial<Setup> & { readonly rule: object }, string]>([
    ['Temporal namespace', { rule: { from: { temporalNamespaces: ['other'] } } }, 'no tenancy rule is for'],
    [
      'task queue',
      { rule: { from: { taskQueues: ['other'] } } },
      'Temporal namespace "default" and task queue "spark"',
    ],
    ['Kubernetes namespace', { rule: { namespaces: ['other'] } }, 'may not use the Kubernetes namespace "default"'],
    ['labels', { rule: { namespaceLabels: { team: 'a' } } }, 'allow namespaces with team=a'],
    [
      'service account',
      { rule: { serviceAccounts: ['other'] } },
      'service account "spark": tenancy rule "only" allows',
    ],
    ['submitter', { rule: { submitters: ['isolated'] } }, 'submitter "native"'],
    ['pools', { rule: { pools: ['other'] } }, 'node pool "compute"'],
    ['clusters', { rule: { clusters: ['east'] } }, 'only cluster of this worker, which has no name'],
  ])('is refused for good, and creates nothing: %s', async (_, setup, text) => {
    expect(await submit(setup)).toMatchObject(refused(text));
  });

  it('is one whose executors, or a pod template, have another service account', async () => {
    const rule = { serviceAccounts: ['spark'] };
    const { spec, ...rest } = sparkPi();
    const executor = { ...spec.executor, serviceAccount: 'admin' };
    expect(await submit({ rule, manifest: { ...rest, spec: { ...spec, executor } } })).toMatchObject(
      refused('"admin"'),
    );
    for (const role of ['driver', 'executor'] as const) {
      for (const field of ['serviceAccountName', 'serviceAccount']) {
        const template = { spec: { containers: [{ name: `spark-kubernetes-${role}` }], [field]: 'hidden' } };
        const changed = { ...rest, spec: { ...spec, [role]: { ...spec[role], template } } };
        expect(await submit({ rule, manifest: changed }), `${role} ${field}`).toMatchObject(refused('"hidden"'));
      }
    }
    const { serviceAccount: __, ...driver } = spec.driver;
    expect(await submit({ rule, manifest: { ...rest, spec: { ...spec, driver } } })).toMatchObject(
      refused('"default"'),
    );
  });

  it('goes no further where everything is allowed than without rules', async () => {
    const rule = {
      ...{ from: { temporalNamespaces: ['default'], taskQueues: ['spark'] }, namespaceLabels: { team: 'a' } },
      ...{ serviceAccounts: ['spark'], submitters: ['mine'], pools: ['compute'] },
    };
    const answer = await submit({ rule, kubernetes: cluster({ team: 'a' }), submitter: own('mine') });
    expect(answer).toMatchObject({
      type: 'SubmitterFailed',
      message: expect.stringContaining('submitted by mine') as string,
    });
  });

  it('needs no right to read namespaces where its rules name them', async () => {
    const kubernetes = cluster();
    await submit({ rule: { namespaces: ['default'] }, kubernetes, submitter: own('mine') });
    expect(kubernetes.read).not.toContain('Namespace default');
  });
});

describe('a choice among clusters', () => {
  const configuration = { clusters: [{ name: 'east', weight: 1e6 }, { name: 'west' }, { name: 'gpu' }] };
  const rule = { clusters: ['west'] };
  const clusters = (rules: object[] = []) =>
    new Clusters({ ...configuration, rules } as never, { east: cluster(), west: cluster(), gpu: cluster() });

  it('is made among those that tenancy allows', async () => {
    expect(await submit({ rule, clusters: clusters() })).toMatchObject({ cluster: 'west' });
  });

  it('that a manifest, a rule, or a history makes otherwise is refused', async () => {
    const annotations = { 'temporal-spark/cluster': 'gpu' };
    expect(await submit({ rule, clusters: clusters(), annotations })).toMatchObject(refused('cluster "gpu"'));
    expect(await submit({ rule, clusters: clusters([{ clusters: ['east'] }]) })).toMatchObject(
      refused('cluster "east"'),
    );
    expect(await submit({ rule, clusters: clusters(), cluster: 'gpu' })).toMatchObject(refused('cluster "gpu"'));
  });
});

it('a canary that tenancy does not allow does not get the application', async () => {
  const submitter = new Submitters([new NativeSubmitter(), own('mine'), own('canary')], {
    default: 'mine',
    canary: [{ submitter: 'canary', percent: 100 }],
  });
  const by = async (submitters: string[]) => ((await submit({ rule: { submitters }, submitter })) as Error).message;
  expect(await by(['mine', 'canary'])).toContain('submitted by canary');
  expect(await by(['mine'])).toContain('submitted by mine');
  expect(await by(['canary'])).toContain('submitter "mine"');
});
