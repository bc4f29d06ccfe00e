import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { historyPodOf } from '../../../src/cli/commands/ui/history/history-pod.ts';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Node, Pod } from '../../../src/kubernetes/objects.ts';
import type { SparkApplicationStatus } from '../../../src/protocol/index.ts';
import { Label } from '../../../src/spark/metadata.ts';
import { sparkPi } from '../../support/manifests.ts';

const awayFromControlPlane = '"key":"node-role.kubernetes.io/control-plane","operator":"DoesNotExist"';

/** A cluster with this pod in the place of the driver, and these nodes, which can be listed only where there are any. */
const clusterOf = (driver?: Pod, nodes: readonly Node[] = []): KubernetesClient =>
  ({
    get: async () => driver,
    async *list() {
      if (nodes.length === 0) throw new Error('Forbidden');
      yield nodes;
    },
  }) as unknown as KubernetesClient;

const driverPod = (submissionId: string): Pod => ({
  metadata: { labels: { [Label.SubmissionId]: submissionId } },
  spec: { containers: [], nodeName: 'node-1', nodeSelector: { pool: 'existing' } },
});

async function podOf({
  kubernetes = clusterOf(),
  name = 'pi',
  profile,
  placementFile,
}: {
  readonly kubernetes?: KubernetesClient;
  readonly name?: string;
  readonly profile?: string;
  readonly placementFile?: string;
}): Promise<Pod> {
  const manifest = sparkPi({ name, namespace: 'etl' });
  const placement =
    profile === undefined ? {} : { placement: { profile, driverPool: '', executorPool: '', reason: '' } };
  const status = { namespace: 'etl', name, submissionId: 'attempt-1', driverPodName: `${name}-driver`, ...placement };
  return historyPodOf(
    kubernetes,
    { status: status as SparkApplicationStatus, manifest, eventLogDir: 's3a://logs/events' },
    placementFile,
  );
}

it('has the namespace, the account and the image of the application, and a name of its own', async () => {
  const [one, other] = await Promise.all([podOf({}), podOf({})]);
  expect(one).toMatchObject({
    metadata: { namespace: 'etl', labels: { 'temporal-spark/history-server': 'attempt-1' } },
    spec: { serviceAccountName: 'spark', containers: [{ image: 'spark:4.1.4' }] },
  });
  expect(one.metadata!.name).toMatch(/^pi-history-[0-9a-f]{8}$/);
  expect(other.metadata!.name).not.toBe(one.metadata!.name);
});

it.each(['a'.repeat(63), `${'a'.repeat(45)}-${'b'.repeat(10)}`])(
  'has a name that is a host name for the application %s',
  async (name) => {
    const { metadata } = await podOf({ name });
    expect(metadata!.name).toMatch(/^a+-history-[0-9a-f]{8}$/);
    expect(metadata!.name!.length).toBeLessThanOrEqual(63);
  },
);

it('goes where the driver pod is, if that is of the same attempt', async () => {
  const { spec } = await podOf({ kubernetes: clusterOf(driverPod('attempt-1')), profile: 'unknown' });
  expect(spec).toMatchObject({ nodeSelector: { pool: 'existing' } });
  expect(spec).not.toHaveProperty('affinity');
  const later = await podOf({ kubernetes: clusterOf(driverPod('attempt-2')) });
  expect(later.spec).not.toHaveProperty('nodeSelector');
  expect(JSON.stringify(later.spec!.affinity)).toContain(awayFromControlPlane);
});

it('goes by the placement file where the driver pod is gone, and with the default profile for one that it lacks', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'history-pod-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const placementFile = join(directory, 'placement.yaml');
  await writeFile(
    placementFile,
    'pools: { etl: { labels: { pool: etl } }, all: { labels: { pool: all } } }\n' +
      'profiles: { default: { driver: all, executor: all }, etl: { driver: etl, executor: etl } }\n',
  );
  const poolOf = async (profile?: string) =>
    JSON.stringify((await podOf({ placementFile, ...(profile === undefined ? {} : { profile }) })).spec!.affinity);
  expect(await poolOf('etl')).toContain('"values":["etl"]');
  expect(await poolOf('other')).toContain('"values":["all"]');
  expect(await poolOf()).toContain(awayFromControlPlane);
  await expect(podOf({ placementFile: join(directory, 'none') })).rejects.toThrow(
    /^Cannot read the placement file .*none: no such file\.$/,
  );
});

it('may share the nodes of the control plane where the exception of the driver allows that', async () => {
  const node: Node = { metadata: { name: 'only', labels: { 'node-role.kubernetes.io/control-plane': '' } } };
  const { spec } = await podOf({ kubernetes: clusterOf(undefined, [node]), profile: 'single-node' });
  expect(JSON.stringify(spec)).not.toContain('DoesNotExist');
  await expect(podOf({ kubernetes: clusterOf(undefined, [node, node]), profile: 'single-node' })).rejects.toThrow(
    'this cluster has 2 nodes',
  );
});
