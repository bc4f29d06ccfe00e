import { describe, expect, it } from 'vitest';
import { createOthers, readOthers } from '../../../src/cli/commands/run/create-others.ts';
import { KubernetesError, KubernetesErrorType, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { KubernetesObject } from '../../../src/kubernetes/objects.ts';

const configMap = (name: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const namespace: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'etl' } };

/** A cluster where objects of these names exist. */
function cluster(...existing: string[]) {
  const created: string[] = [];
  const kubernetes: Pick<KubernetesClient, 'create'> = {
    async create(resource, object) {
      const { name = '', namespace: of } = object.metadata ?? {};
      if (existing.includes(name)) {
        throw new KubernetesError({ type: KubernetesErrorType.AlreadyExists, message: 'exists' });
      }
      if (name === 'forbidden') throw new KubernetesError({ type: KubernetesErrorType.Forbidden, message: 'no' });
      created.push([resource.plural, of, name].join(' '));
      return object;
    },
  };
  return { kubernetes, created };
}

async function create(objects: readonly KubernetesObject[], { kubernetes }: ReturnType<typeof cluster>) {
  const lines: string[] = [];
  await createOthers(kubernetes, readOthers(objects), (line) => void lines.push(line));
  return lines;
}

describe('objects of other kinds in a file', () => {
  it('are created in the order of the file, after namespaces', async () => {
    const empty = cluster();
    const lines = await create([configMap('b'), namespace, configMap('a')], empty);
    expect(empty.created).toEqual(['namespaces  etl', 'configmaps default b', 'configmaps default a']);
    expect(lines).toEqual([
      'Namespace etl is created',
      'ConfigMap default/b is created',
      'ConfigMap default/a is created',
    ]);
  });

  it('are left unchanged where they exist', async () => {
    const full = cluster('a');
    expect(await create([configMap('a')], full)).toEqual(['ConfigMap default/a exists and is left unchanged']);
    expect(full.created).toEqual([]);
  });

  it('are rejected together, before any is created, where their kind or name is not known', () => {
    const objects = [
      configMap('a'),
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { generateName: 'key-' } },
    ];
    expect(() => readOthers(objects)).toThrow(
      /cannot create Deployment web \(apps\/v1\): .*kubectl apply\ncannot create a Secret without metadata\.name/,
    );
  });

  it.each([null, 'a', { name: null }, { name: 5 }])('are rejected with the metadata %j', (metadata) => {
    const objects = [
      { ...configMap('a'), metadata },
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata },
    ] as KubernetesObject[];
    expect(() => readOthers(objects)).toThrow(
      /^cannot create a ConfigMap without metadata\.name; .*\ncannot create Deployment \(apps\/v1\): /,
    );
  });

  it('end the command where the API server rejects one', async () => {
    await expect(create([configMap('forbidden'), configMap('b')], cluster())).rejects.toMatchObject({
      type: 'Forbidden',
    });
  });
});
