import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiServer, ApiServerError } from '../../lab/api-server.ts';
import { eventually } from '../../lab/eventually.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';

const FINALIZER = 'temporal-spark/driver-protection';

/** The driver's container comes last. */
const hasEnded = ({ status }: Pod): boolean => status?.containerStatuses?.at(-1)?.state?.terminated !== undefined;

describe('a pod of a simulated lab', () => {
  let api: ApiServer;
  let pods: string;

  beforeAll(async () => {
    api = await ApiServer.connect(sharedLab().kubeconfig);
    pods = `/api/v1/namespaces/${await createNamespace()}/pods`;
  });
  afterAll(() => api.close());

  const create = (
    name: string,
    metadata: NonNullable<Pod['metadata']> = {},
    containers: readonly string[] = ['driver'],
  ): Promise<Pod> =>
    api.create<Pod>(pods, {
      metadata: { name, labels: { 'spark-role': 'driver' }, ...metadata },
      spec: { serviceAccountName: 'spark', containers: containers.map((each) => ({ name: each, image: 'spark' })) },
    });
  const reach = (name: string, what: string, check: (pod: Pod) => boolean): Promise<Pod> =>
    eventually(
      what,
      async (signal) => {
        const pod = await api.get<Pod>(`${pods}/${name}`, signal);
        if (!check(pod)) throw new Error(JSON.stringify(pod.status));
        return pod;
      },
      { timeoutMs: 20_000 },
    );
  const inPhase = (name: string, phase: string): Promise<Pod> =>
    reach(name, `${name} to be ${phase}`, ({ status }) => status?.phase === phase);
  const vanish = (name: string): Promise<boolean> =>
    eventually(
      `${name} to be gone`,
      async (signal) => {
        const { items } = await api.get<{ items: Pod[] }>(`${pods}?fieldSelector=metadata.name=${name}`, signal);
        if (items.length > 0) throw new Error(JSON.stringify(items[0]?.metadata));
        return true;
      },
      { timeoutMs: 20_000 },
    );

  test('a driver runs on a node, with an address, and succeeds', async () => {
    await create('succeeding', { annotations: { 'lab.temporal-spark/run-seconds': '1' } });
    const running = await inPhase('succeeding', 'Running');
    expect(running.spec?.nodeName).toMatch(/^node-/);
    expect(running.status?.podIP).toMatch(/^10\.200\./);
    expect(running.status?.containerStatuses?.[0]).toMatchObject({ ready: true, state: { running: {} } });
    const succeeded = await inPhase('succeeding', 'Succeeded');
    const ended = succeeded.status?.containerStatuses?.[0]?.state?.terminated;
    expect(ended).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(Date.parse(ended?.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(ended?.startedAt ?? ''));
  });

  test('a driver fails with the exit code of its annotation', async () => {
    await create('failing', { annotations: { 'lab.temporal-spark/exit-code': '3' } });
    const { status } = await inPhase('failing', 'Failed');
    expect(status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
  });

  test('a driver whose phase follows later has ended containers in a running pod first', async () => {
    const annotations = { 'lab.temporal-spark/exit-code': '3', 'lab.temporal-spark/phase-delay-seconds': '2' };
    await create('cleaned-up', { annotations });
    const ended = await reach('cleaned-up', 'the container to end', hasEnded);
    expect(ended.status?.phase).toBe('Running');
    const { status } = await inPhase('cleaned-up', 'Failed');
    expect(status?.containerStatuses?.[0]).toEqual(ended.status?.containerStatuses?.[0]);
  });

  test('a sidecar keeps the pod of a driver that has ended running until the pod is deleted', async () => {
    const annotations = { 'lab.temporal-spark/exit-code': '3', 'lab.temporal-spark/sidecars': 'forever' };
    await create('accompanied', { annotations, finalizers: [FINALIZER] }, ['proxy', 'spark-kubernetes-driver']);
    const ended = await reach('accompanied', 'the driver to end', hasEnded);
    expect(ended.status).toMatchObject({ phase: 'Running', containerStatuses: [{ state: { running: {} } }, {}] });
    await api.delete(`${pods}/accompanied`);
    const { status } = await inPhase('accompanied', 'Failed');
    expect(status?.containerStatuses?.[0]).toMatchObject({ state: { terminated: { exitCode: 143 } } });
    expect(status?.containerStatuses?.[1]).toEqual(ended.status?.containerStatuses?.[1]);
    await api.text('PATCH', `${pods}/accompanied`, { metadata: { finalizers: null } });
    await vanish('accompanied');
  });

  test('an executor runs until it is deleted, and is gone then', async () => {
    await create('executor', { labels: { 'spark-role': 'executor' } });
    await create('reference'); // A driver that came later ends by itself meanwhile.
    await inPhase('reference', 'Succeeded');
    await inPhase('executor', 'Running');
    await api.delete(`${pods}/executor`);
    await vanish('executor');
  });

  test('the address of a pod, which is made up, is looked for on this machine only', async () => {
    await create('addressed', { annotations: { 'lab.temporal-spark/run-seconds': 'forever' } });
    await inPhase('addressed', 'Running');
    await expect(api.text('GET', `${pods}/addressed:4040/proxy/api/v1/applications`)).rejects.toMatchObject({
      status: 503,
      message: expect.stringMatching(/dial tcp 127\.0\.0\.1:\d+: connect: connection refused/) as string,
    });
  });

  test('a protected driver that is deleted ends with exit code 143 and stays until its finalizer is removed', async () => {
    await create('protected', {
      finalizers: [FINALIZER],
      annotations: { 'lab.temporal-spark/run-seconds': 'forever' },
    });
    await inPhase('protected', 'Running');
    await api.delete(`${pods}/protected`);
    const { status, metadata } = await reach(
      'protected',
      'the kubelet to be done with it',
      ({ metadata }) => metadata?.deletionGracePeriodSeconds === 0,
    );
    expect(status).toMatchObject({
      phase: 'Failed',
      containerStatuses: [{ state: { terminated: { exitCode: 143, reason: 'Error' } } }],
    });
    expect(metadata?.finalizers).toEqual([FINALIZER]);
    await api.text('PATCH', `${pods}/protected`, { metadata: { finalizers: null } });
    await vanish('protected');
  });

  test('a pod is not affected by operations for the previous one of its name', async () => {
    const forever = { annotations: { 'lab.temporal-spark/run-seconds': 'forever' } };
    const follow = async (name: string, index: number): Promise<void> => {
      await create(name, forever);
      await sleep(300 + index * 10); // Each is deleted at another moment of what kwok does to the others.
      await api.delete(`${pods}/${name}`);
      await sleep(index % 20);
      await api.delete(`${pods}/${name}?gracePeriodSeconds=0`).catch((error: unknown) => {
        if (!(error instanceof ApiServerError && error.status === 404)) throw error;
      });
      const { metadata } = await eventually('the name to be free', () => create(name, forever), { intervalMs: 5 });
      const { metadata: now, status } = await inPhase(name, 'Running');
      expect(now!.uid).toBe(metadata!.uid);
      expect(status!.containerStatuses![0]!.containerID).toContain(metadata!.uid);
    };
    await Promise.all(Array.from({ length: 60 }, (_, index) => follow(`follower-${index}`, index)));
  });
});
