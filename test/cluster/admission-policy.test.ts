import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiServer } from '../../lab/api-server.ts';
import { eventually } from '../../lab/eventually.ts';
import { isKubernetesError, PatchType, Resources, type CustomObject } from '../../src/kubernetes/index.ts';
import type { KubernetesObject } from '../../src/kubernetes/objects.ts';
import { badConnects } from '../support/bad-connects.ts';
import { badResources } from '../support/bad-resources.ts';
import { chartObjects, createObjects } from '../support/chart.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { sparkConnect } from '../support/connects.ts';
import { exampleApplications, exampleManifests } from '../support/example-manifests.ts';
import { sharedLab } from '../support/lab-fixture.ts';
import { installCrds } from '../support/crds.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';

interface Policy extends KubernetesObject {
  readonly spec: { failurePolicy: string };
  readonly metadata: { readonly name: string; readonly generation?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly typeChecking?: { readonly expressionWarnings?: readonly unknown[] };
  };
}

const cluster = useCluster('policy');
let api: ApiServer;
let policies: readonly Policy[];

const resource = (name: string, spec: Readonly<Record<string, unknown>>): CustomObject => ({
  apiVersion: 'sparkoperator.k8s.io/v1beta2',
  kind: 'SparkApplication',
  metadata: { name, namespace: cluster.env.namespace },
  // The API server takes no application without these, with or without the policy.
  spec: {
    ...{ type: 'Scala', sparkVersion: '4.1.4', mainApplicationFile: 'local:///a.jar', driver: {}, executor: {} },
    ...spec,
  },
});

const create = (object: CustomObject, dryRun = true) =>
  cluster.env.kubernetes.create(Resources.sparkApplications, object, { dryRun });

const refusalOf = async (answer: Promise<unknown>): Promise<string> => {
  const error: unknown = await answer.then(() => undefined).catch((reason: unknown) => reason);
  return isKubernetesError(error) ? error.message : `not refused: ${String(error)}`;
};

beforeAll(async () => {
  const { kubernetes, namespace } = cluster.env;
  const { kubeconfig } = sharedLab();
  await installCrds(kubernetes);
  api = await ApiServer.connect(kubeconfig);
  await create(resource('older', { mode: 'client' }), false);
  const objects = await chartObjects({
    namespace: `workers-${namespace}`,
    directory: await mkdtemp(join(tmpdir(), 'temporal-spark-policy-')),
    values: { applications: { namespaces: [namespace] }, operator: { enabled: true, admissionPolicy: true } },
  });
  const ours = objects.filter(({ kind }) => kind?.startsWith('ValidatingAdmissionPolicy') === true);
  policies = ours.filter((object): object is Policy => object.kind === 'ValidatingAdmissionPolicy');
  // An expression that fails is seen only so.
  for (const policy of policies) policy.spec.failurePolicy = 'Fail';
  await createObjects(kubeconfig, ours);
  const [{ spec, message } = { spec: {}, message: '' }] = badResources;
  await eventually('the policy to be in force', async () => {
    return (await refusalOf(create(resource('first', spec)))).includes(message);
  });
});

afterAll(async () => {
  for (const { metadata } of policies ?? []) {
    await api.delete(`${GROUP}/validatingadmissionpolicybindings/${metadata.name}`);
    await api.delete(`${GROUP}/validatingadmissionpolicies/${metadata.name}`);
  }
  api?.close();
});

describe('the admission policy of the chart', () => {
  it('compiles, and the type check of the API server, which knows the fields, has no warning', async () => {
    expect(policies).toHaveLength(3);
    const warningsOf = async (name: string) => {
      const checked = await eventually(`${name} to be checked`, async () => {
        const found = await api.get<Policy>(`${GROUP}/validatingadmissionpolicies/${name}`);
        return found.status?.observedGeneration === found.metadata.generation && found;
      });
      return checked.status!.typeChecking?.expressionWarnings ?? [];
    };
    for (const { metadata } of policies) expect(await warningsOf(metadata.name)).toEqual([]);
    const wrong = { ...policies[0]!, metadata: { name: `wrong-${cluster.env.namespace}` } };
    const validations = [{ expression: 'object.spec.nothing == "x"' }];
    const invalid = { ...wrong, spec: { ...wrong.spec, validations } };
    await createObjects(sharedLab().kubeconfig, [invalid]);
    try {
      expect(await warningsOf(wrong.metadata.name)).toHaveLength(1);
    } finally {
      await api.delete(`${GROUP}/validatingadmissionpolicies/${wrong.metadata.name}`);
    }
  });

  it('refuses what can be decided from the object alone, in our words', async () => {
    for (const { spec, name = 'bad', message } of badResources) {
      const refusal = await refusalOf(create(resource(name, spec)));
      expect(refusal).toContain(message.replaceAll('NAMESPACE', cluster.env.namespace));
    }
  });

  it('admits an application without an image, and every example', async () => {
    await create(resource('plain', {}));
    for (const file of exampleManifests) {
      for (const example of exampleApplications(file, cluster.env.namespace)) {
        await create(example);
      }
    }
  });

  it('refuses a session whose spec or annotations are invalid, in our words', async () => {
    const { kubernetes, namespace } = cluster.env;
    const createSession = (name: string, options: Parameters<typeof sparkConnect>[1], dryRun = true) => {
      const session = sparkConnect(name, { namespace, ...options }) as unknown as CustomObject;
      return kubernetes.create(Resources.sparkConnects, session, { dryRun });
    };
    const [first] = badConnects;
    await eventually('the policy to be in force', async () =>
      (await refusalOf(createSession('first', { spec: first!.spec! }))).includes(first!.message),
    );
    for (const { name = 'bad', annotations = {}, spec = {}, message } of badConnects) {
      expect(await refusalOf(createSession(name, { annotations, spec }))).toContain(message);
    }
    await createSession('adhoc', { annotations: { 'temporal-spark/idle-seconds': '60' } }, false);
    const patch = (change: object) =>
      kubernetes.patch(Resources.sparkConnects, namespace, 'adhoc', PatchType.Merge, change);
    const idle = (value: string) => patch({ metadata: { annotations: { 'temporal-spark/idle-seconds': value } } });
    expect(await refusalOf(idle('5m'))).toContain('must be a number of seconds');
    await idle('90');
  });

  it('lets an object from before it be labelled, and its spec be edited only to a valid one', async () => {
    const { kubernetes, namespace } = cluster.env;
    const patch = (change: object) =>
      kubernetes.patch(Resources.sparkApplications, namespace, 'older', PatchType.Merge, change);
    await patch({ metadata: { labels: { team: 'core' } } });
    expect(await refusalOf(patch({ spec: { driver: { memory: '2g' } } }))).toContain('spec.mode: would run the driver');
    await patch({ spec: { mode: 'cluster' } });
  });

  it('leaves other namespaces alone', async () => {
    const elsewhere = resource('elsewhere', { mode: 'client' });
    await create({ ...elsewhere, metadata: { name: 'elsewhere', namespace: 'default' } });
  });
});
