import { expect, test } from 'vitest';
import type { ConfigMap, Service } from '../../../src/kubernetes/objects.ts';
import { buildDriverObjects, ownedBy } from '../../../src/spark/index.ts';
import { identity, ofKind, sparkContainer, submission, withConf } from './fixtures.ts';

const properties = (objects: ReturnType<typeof buildDriverObjects>): string =>
  ofKind<ConfigMap>(objects.dependents, 'ConfigMap').find(({ data }) => data?.['spark.properties'])!.data![
    'spark.properties'
  ]!;

test('the same attempt always makes the same objects', () => {
  const [first, second] = [1, 2].map(() => JSON.stringify(buildDriverObjects(structuredClone(submission), identity)));
  expect(first).toBe(second);
});

test('the driver is born with its finalizer, after those of its template', () => {
  const template = { metadata: { finalizers: ['example.org/first'] }, spec: { containers: [] } };
  const { pod } = buildDriverObjects({ ...submission, driverPodTemplate: template }, identity);
  expect(pod.metadata?.finalizers).toEqual(['example.org/first', 'temporal-spark/driver-protection']);
});

test('every object carries the labels of the attempt, whatever else labels it', () => {
  const { pod, dependents } = buildDriverObjects(
    withConf({ 'spark.kubernetes.driver.label.temporal-spark/submission-id': 'forged' }),
    identity,
  );
  for (const { metadata } of [pod, ...dependents]) expect(metadata?.labels).toMatchObject(identity.labels);
  const [service] = ofKind<Service>(dependents, 'Service');
  expect(pod.metadata?.labels).toMatchObject(service!.spec!.selector!);
});

test('a pod template changes neither the identity of the driver nor its restart policy', () => {
  const template = {
    metadata: {
      ...{ name: 'forged', namespace: 'forged' },
      labels: { 'temporal-spark/submission-id': 'forged', 'spark-role': 'forged' },
      annotations: { 'temporal-spark/workflow-id': 'forged' },
    },
    spec: { restartPolicy: 'Always' as const, containers: [] },
  };
  const { pod } = buildDriverObjects({ ...submission, driverPodTemplate: template }, identity);
  expect(pod.metadata).toMatchObject({
    ...{ name: identity.driverPodName, namespace: submission.namespace },
    labels: { ...identity.labels, 'spark-role': 'driver' },
    annotations: identity.annotations,
  });
  expect(pod.spec!.restartPolicy).toBe('Never');
});

test('every object names its namespace', () => {
  const { pod, dependents } = buildDriverObjects(submission, identity);
  expect([pod, ...dependents].map(({ metadata }) => metadata?.namespace)).toEqual([
    'analytics',
    'analytics',
    'analytics',
  ]);
});

test('the end of the log and the last exception outlive the driver', () => {
  const objects = buildDriverObjects(submission, identity);
  expect(sparkContainer(objects.pod).terminationMessagePolicy).toBe('FallbackToLogsOnError');
  expect(properties(objects)).toContain('\nspark.kubernetes.driver.annotateExitException=true\n');
  const before = buildDriverObjects({ ...submission, sparkVersion: '4.0.5' }, identity);
  expect(properties(before)).not.toContain('annotateExitException');
});

test("the user's own values are kept", () => {
  const objects = buildDriverObjects(
    {
      ...withConf({ 'spark.kubernetes.driver.annotateExitException': 'false' }),
      driverPodTemplate: {
        spec: { enableServiceLinks: true, containers: [{ name: 'main', terminationMessagePolicy: 'File' }] },
      },
    },
    identity,
  );
  expect(objects.pod.spec?.enableServiceLinks).toBe(true);
  expect(sparkContainer(objects.pod).terminationMessagePolicy).toBe('File');
  expect(properties(objects)).toContain('\nspark.kubernetes.driver.annotateExitException=false\n');
});

test("a template's SPARK_CONF_DIR stays", () => {
  const env = [{ name: 'SPARK_CONF_DIR', value: '/etc/spark/conf' }];
  const template = { spec: { containers: [{ name: 'main', env }] } };
  const { pod } = buildDriverObjects({ ...submission, driverPodTemplate: template }, identity);
  expect(sparkContainer(pod).env?.filter(({ name }) => name === 'SPARK_CONF_DIR')).toEqual(env);
});

test('a dependent is owned by the pod without blocking its deletion', () => {
  const { pod, dependents } = buildDriverObjects(submission, identity);
  const owned = ownedBy({ ...pod, metadata: { ...pod.metadata, uid: 'some-uid' } }, dependents[0]!);
  expect(owned.metadata?.ownerReferences).toEqual([
    { apiVersion: 'v1', kind: 'Pod', name: 'pi-driver', uid: 'some-uid', controller: true },
  ]);
  expect(() => ownedBy(pod, dependents[0]!)).toThrow(TypeError);
});
