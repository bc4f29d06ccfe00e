import { describe, expect, it } from 'vitest';
import { compareObjects, differences, normaliseCreated } from '../../../../src/submitters/compare/index.ts';
import type { KubernetesObject } from '../../../../src/kubernetes/objects.ts';

const identity = {
  labels: { 'temporal-spark/submission-id': 'an-id' },
  annotations: { 'temporal-spark/workflow-id': 'spark/default/pi' },
  finalizers: ['temporal-spark/driver-protection'],
};

/** What Spark's client sends, under names of one run. */
function sparks(random: string): KubernetesObject[] {
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `spark-drv-${random}-conf-map` } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pi-driver', labels: { 'spark-app-selector': `spark-${random}` } },
      spec: { containers: [{ name: 'spark', env: [{ name: 'SPARK_APPLICATION_ID', value: `spark-${random}` }] }] },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `spark-drv-${random}-conf-map`, ownerReferences: [owner(random)] },
      data: { 'spark.properties': `#made\nspark.app.id=spark-${random}\nspark.a=1\n` },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: `pi-${random}-driver-svc` } },
  ] as KubernetesObject[];
}

const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'Pod', name: 'pi-driver', uid });

/** The same as ours, and what we add. */
function ours(change: (pod: { metadata: object; spec: object }) => object = (pod) => pod): KubernetesObject[] {
  const own = { labels: identity.labels, namespace: 'default' };
  const [, pod, configMap, service] = sparks('0123456789abcdef');
  const added = {
    metadata: {
      ...pod!.metadata,
      ...own,
      labels: { ...pod!.metadata!.labels, ...own.labels },
      annotations: identity.annotations,
      finalizers: identity.finalizers,
    },
    spec: { ...(pod as unknown as { spec: object }).spec, enableServiceLinks: false },
  };
  return [
    { ...pod, ...change(added) },
    { ...configMap, metadata: { ...own, name: 'pi-an-id-driver-conf-map' } },
    { ...service, metadata: { ...own, name: 'pi-an-id-driver-svc' } },
  ];
}

const compared = (from: KubernetesObject[], to: KubernetesObject[]) =>
  compareObjects(normaliseCreated(from)!, normaliseCreated(to, 'pi-an-id')!, identity, 'default');

describe('the objects of two submitters', () => {
  it('are the same whatever Spark generated, with any owner, and in any order of creation', () => {
    const [first, second] = [sparks('0123456789abcdef'), sparks('fedcba9876543210').toReversed()];
    // The ConfigMap that counts is the one that was sent last.
    const again = [...second.slice(0, 1), ...second.slice(2), second[1]!];
    expect(compareObjects(normaliseCreated(first)!, normaliseCreated(again)!, identity, 'default')).toEqual({
      unintended: [],
      intended: [],
    });
  });

  it('differ as intended in what an attempt adds, each with its reason, whichever of the two is ours', () => {
    const paths = [
      '/pod/metadata/annotations',
      '/pod/metadata/finalizers',
      '/pod/metadata/labels/temporal-spark~1submission-id',
      '/pod/metadata/namespace',
      '/pod/spec/enableServiceLinks',
    ];
    const { unintended, intended } = compared(sparks('0123456789abcdef'), ours());
    expect(unintended).toEqual([]);
    expect(intended.map(({ path }) => path)).toEqual(expect.arrayContaining(paths));
    expect(intended.every(({ reason }) => reason.length > 10)).toBe(true);
    const swapped = compareObjects(
      normaliseCreated(ours(), 'pi-an-id')!,
      normaliseCreated(sparks('0123456789abcdef'))!,
      identity,
      'default',
    );
    expect(swapped.unintended).toEqual([]);
  });

  it('differ without a reason in anything else, also where an intended one has another value', () => {
    const other = ours(({ metadata, spec }) => ({
      metadata: { ...metadata, finalizers: ['another/finalizer'] },
      spec: { ...spec, priorityClassName: 'high' },
    }));
    expect(compared(sparks('0123456789abcdef'), other).unintended).toEqual([
      { path: '/pod/metadata/finalizers', from: undefined, to: ['another/finalizer'] },
      { path: '/pod/spec/priorityClassName', from: undefined, to: 'high' },
    ]);
  });

  it('are undefined without a pod', () => {
    expect(normaliseCreated(sparks('0123456789abcdef').slice(0, 1))).toBeUndefined();
  });
});

it('a key with a slash or a tilde in it is one step of a path', () => {
  expect(differences({ 'a/b~c': 1 }, {})).toEqual([{ path: '/a~1b~0c', from: 1, to: undefined }]);
});
