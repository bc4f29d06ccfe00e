import { expect, it } from 'vitest';
import { createOthers, readOthers } from '../../src/cli/commands/run/create-others.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';

const cluster = useCluster('others');

it('objects of other kinds are created once, and then left unchanged', async () => {
  const { kubernetes, namespace } = cluster.env;
  const object = (apiVersion: string, kind: string, more: object = {}) => {
    return { apiVersion, kind, metadata: { name: 'other', namespace }, ...more };
  };
  const rbac = 'rbac.authorization.k8s.io';
  const objects = (value: string) =>
    readOthers([
      object('v1', 'ServiceAccount'),
      object(`${rbac}/v1`, 'Role', { rules: [] }),
      object(`${rbac}/v1`, 'RoleBinding', { roleRef: { apiGroup: rbac, kind: 'Role', name: 'other' }, subjects: [] }),
      object('v1', 'ConfigMap', { data: { value } }),
      object('v1', 'Secret', { stringData: { value } }),
      object('v1', 'PersistentVolumeClaim', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      }),
      object('v1', 'Service', { spec: { ports: [{ port: 80 }], selector: { app: 'other' } } }),
      object('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {} } }),
    ]);
  const create = async (value: string) => {
    const lines: string[] = [];
    await createOthers(kubernetes, objects(value), (line) => void lines.push(line));
    return lines;
  };
  const created = await create('first');
  expect(created).toHaveLength(8);
  expect(created.filter((line) => !line.endsWith(`${namespace}/other is created`))).toEqual([]);
  const again = await create('second');
  expect(again.filter((line) => !line.endsWith(`${namespace}/other exists and is left unchanged`))).toEqual([]);
  expect((await kubernetes.get(Resources.configMaps, namespace, 'other'))!.data).toEqual({ value: 'first' });
});
