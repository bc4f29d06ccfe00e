import { describe, expect, test } from 'vitest';
import type { Pod, PodSpec } from '../../../src/kubernetes/objects.ts';
import { findRefusals, toSparkSubmission } from '../../../src/spark/index.ts';
import { inspectDriver } from '../../../src/spark/driver/build-driver-objects.ts';
import { application, identity, sparkContainer } from './fixtures.ts';

type Json = Record<string, unknown>;

/** Both pods of an application that no API server would refuse. */
function podsOf(spec: Json): { driver: Pod; executor: Pod } {
  const checked = application(spec);
  expect(findRefusals(checked)).toEqual([]);
  const { pods } = inspectDriver(toSparkSubmission(checked), identity);
  return { driver: pods[0]!.pod, executor: pods[1]!.pod };
}

const both = (role: Json): Json => ({ driver: role, executor: role });
const namesOf = ({ volumes = [] }: PodSpec): string[] => volumes.map(({ name }) => name);
const mountsOf = (pod: Pod): string[] =>
  (sparkContainer(pod).volumeMounts ?? []).map(({ name, mountPath }) => `${name} ${mountPath}`);

describe('a volume that only another container mounts is a volume of the pod', () => {
  const volumes = ['keys', 'cache', 'unused'].map((name) => ({ name, emptyDir: {} }));
  const volumeMounts = [{ name: 'keys', mountPath: '/keys' }];
  const other = { name: 'other', image: 'other:1', volumeMounts };

  test.each<[string, Json]>([
    ['an init container', { initContainers: [other] }],
    ['a sidecar', { sidecars: [other] }],
    ['an init container of the template', { template: { spec: { containers: [], initContainers: [other] } } }],
    [
      'a container of the template',
      { template: { spec: { containers: [{ name: 'spark-kubernetes-driver' }, other] } } },
    ],
  ])('%s', (_what, driver) => {
    const { driver: pod } = podsOf({ volumes, driver });
    expect(namesOf(pod.spec!)).toContain('keys');
    expect(namesOf(pod.spec!)).not.toContain('unused');
  });

  test('once, where the Spark container mounts it too', () => {
    const { executor } = podsOf({ volumes, executor: { volumeMounts, initContainers: [other] } });
    expect(namesOf(executor.spec!).filter((name) => name === 'keys')).toHaveLength(1);
  });

  test("also Spark's scratch space, which an init container prepares", () => {
    const scratch = { name: 'spark-local-dir-fast', emptyDir: {} };
    const mounts = [{ name: scratch.name, mountPath: '/fast' }];
    const { driver } = podsOf({
      volumes: [scratch],
      driver: { volumeMounts: mounts, initContainers: [{ ...other, volumeMounts: mounts }] },
    });
    expect(namesOf(driver.spec!).filter((name) => name === scratch.name)).toHaveLength(1);
  });
});

test('one ConfigMap at two paths is one volume with two mounts', () => {
  const { driver } = podsOf({ driver: { configMaps: ['/etc/a', '/etc/b'].map((path) => ({ name: 'lists', path })) } });
  expect(namesOf(driver.spec!).filter((name) => name === 'lists-vol')).toHaveLength(1);
  expect(mountsOf(driver)).toEqual(expect.arrayContaining(['lists-vol /etc/a', 'lists-vol /etc/b']));
});

const secret = (name: string, path: string): Json => ({ name, path, secretType: 'Generic' });

test('one Secret at two paths is one volume with two mounts', () => {
  const { driver, executor } = podsOf(both({ secrets: [secret('db', '/etc/a'), secret('db', '/etc/b')] }));
  for (const pod of [driver, executor]) {
    expect(namesOf(pod.spec!).filter((name) => name === 'db-volume')).toHaveLength(1);
    expect(mountsOf(pod)).toEqual(expect.arrayContaining(['db-volume /etc/a', 'db-volume /etc/b']));
  }
});

test.each(['db.team.test', 's'.repeat(57), `${'a.'.repeat(120)}b`])(
  'the Secret %s is a volume of a valid name',
  (name) => {
    const { driver, executor } = podsOf(both({ secrets: [secret(name, '/etc/a'), secret(name, '/etc/b')] }));
    for (const pod of [driver, executor]) {
      const [volume, ...others] = pod.spec!.volumes!.filter(({ secret: source }) => source?.secretName === name);
      expect(others).toEqual([]);
      expect(mountsOf(pod)).toEqual(expect.arrayContaining([`${volume!.name} /etc/a`, `${volume!.name} /etc/b`]));
    }
  },
);

test('a Secret with a name that Spark can use for a volume stays configuration', () => {
  const { conf } = toSparkSubmission(application({ driver: { secrets: [secret('db', '/etc/a')] } }));
  expect(conf['spark.kubernetes.driver.secrets.db']).toBe('/etc/a');
});

test('a scratch volume at two paths is mounted at both', () => {
  const volumes = [{ name: 'spark-local-dir-a', emptyDir: {} }];
  const volumeMounts = ['/a', '/b'].map((mountPath) => ({ name: 'spark-local-dir-a', mountPath }));
  const { driver } = podsOf({ volumes, driver: { volumeMounts } });
  expect(mountsOf(driver)).toEqual(expect.arrayContaining(['spark-local-dir-a /a', 'spark-local-dir-a /b']));
});
