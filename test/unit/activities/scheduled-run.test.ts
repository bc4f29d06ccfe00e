import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { createScheduledRun, deleteScheduledRun } from '../../../src/activities/schedules/create-scheduled-run.ts';
import { waitForScheduledRun } from '../../../src/activities/schedules/wait-for-scheduled-run.ts';
import {
  KubernetesError,
  KubernetesErrorType,
  type CustomObject,
  type KubernetesClient,
} from '../../../src/kubernetes/index.ts';
import type { SparkApplicationManifest } from '../../../src/manifest/index.ts';

const run = { namespace: 'etl', name: 'daily-60', uid: 'run' };
const schedule = { name: 'daily', uid: 'schedule' };
const owned = [{ apiVersion: 'v1', kind: 'ScheduledSparkApplication', ...schedule }];

const application = (state?: string, uid = 'run', ownerReferences = owned): CustomObject => ({
  metadata: { name: 'daily-60', namespace: 'etl', uid, ownerReferences },
  ...(state !== undefined && { status: { applicationState: { state } } }),
});

/** An API server with some objects, by their plural and name. */
function server(objects: Readonly<Record<string, CustomObject>>) {
  const found = new Map(Object.entries(objects));
  const listeners = new Set<() => void>();
  const change = (key: string, object: CustomObject | undefined): void => {
    if (object === undefined) found.delete(key);
    else found.set(key, object);
    for (const listener of listeners) listener();
  };
  const kubernetes = {
    get: ({ plural }: { plural: string }, _: string, name: string) => Promise.resolve(found.get(`${plural}/${name}`)),
    create: ({ plural }: { plural: string }, object: CustomObject) => {
      const key = `${plural}/${object.metadata!.name}`;
      const { AlreadyExists: type } = KubernetesErrorType;
      if (found.has(key)) return Promise.reject(new KubernetesError({ type, message: 'exists' }));
      const created = { ...object, metadata: { ...object.metadata, uid: 'run' } };
      change(key, created);
      return Promise.resolve(created);
    },
    delete: ({ plural }: { plural: string }, _: string, name: string) => {
      change(`${plural}/${name}`, undefined);
      return Promise.resolve(true);
    },
    watch: ({ plural }: { plural: string }) => ({
      ...{ ready: Promise.resolve(), get: (name: string) => found.get(`${plural}/${name}`) },
      subscribe: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      release: () => undefined,
    }),
  } as unknown as KubernetesClient;
  return { kubernetes, change, found, listeners };
}

const PARENT = 'scheduledsparkapplications/daily';
const CHILD = 'sparkapplications/daily-60';
const parent = (uid = 'schedule', deletionTimestamp?: string): CustomObject => ({
  metadata: { name: 'daily', namespace: 'etl', uid, ...(deletionTimestamp !== undefined && { deletionTimestamp }) },
});

describe('the SparkApplication of a run', () => {
  const manifest = { metadata: { name: 'daily-60', namespace: 'etl' }, spec: {} } as SparkApplicationManifest;
  const create = (kubernetes: KubernetesClient) =>
    new MockActivityEnvironment().run(createScheduledRun, kubernetes, { manifest, schedule });

  it('is created once, with its owner, however often that is tried', async () => {
    const { kubernetes, found } = server({ [PARENT]: parent() });
    expect(await create(kubernetes)).toEqual(run);
    expect(await create(kubernetes)).toEqual(run);
    expect(found.get(CHILD)!.metadata!.ownerReferences).toEqual([
      { apiVersion: 'sparkoperator.k8s.io/v1beta2', kind: 'ScheduledSparkApplication', ...schedule },
    ]);
  });

  it.each<[string, Readonly<Record<string, CustomObject>>]>([
    ['deleted', {}],
    ['being deleted', { [PARENT]: parent('schedule', '2026-11-30T03:00:00Z') }],
    ['another one of its name', { [PARENT]: parent('other') }],
  ])('is not created where its schedule is %s', async (_, objects) => {
    const { kubernetes, found } = server(objects);
    expect(await create(kubernetes)).toBeUndefined();
    expect(found.has(CHILD)).toBe(false);
  });

  it('is not created where another has its name', async () => {
    const { kubernetes } = server({ [PARENT]: parent(), [CHILD]: application(undefined, 'other', []) });
    await expect(create(kubernetes)).rejects.toMatchObject({ type: 'ScheduledRunNameInUse', retryable: false });
  });

  it.each([
    ['is deleted', owned, false],
    ['is left alone where it belongs to another', [], true],
  ])('%s when its run is cancelled', async (_, owners, remains) => {
    const { kubernetes, found } = server({ [CHILD]: application('RUNNING', 'run', owners) });
    const reference = { namespace: 'etl', name: 'daily-60', scheduleUid: 'schedule' };
    await new MockActivityEnvironment().run(deleteScheduledRun, kubernetes, reference);
    expect(found.has(CHILD)).toBe(remains);
  });
});

describe('the wait for a run', () => {
  const wait = (kubernetes: KubernetesClient, environment = new MockActivityEnvironment()) =>
    environment.run(waitForScheduledRun, kubernetes, run);

  it.each<[string, CustomObject | undefined, string]>([
    ['has completed', application('COMPLETED'), 'COMPLETED'],
    ['has failed', application('FAILED'), 'FAILED'],
    ['is gone', undefined, 'DELETED'],
    ['is another one', application('RUNNING', 'other'), 'DELETED'],
  ])('ends when its SparkApplication %s, before or meanwhile', async (_, object, expected) => {
    const before = server(object === undefined ? {} : { [CHILD]: object });
    expect(await wait(before.kubernetes)).toBe(expected);
    const { kubernetes, change, listeners } = server({ [CHILD]: application('RUNNING') });
    const ended = wait(kubernetes);
    while (listeners.size === 0) await Promise.resolve();
    change(CHILD, object);
    expect(await ended).toBe(expected);
    expect(listeners.size).toBe(0);
  });

  it('ends at once when it is cancelled, as a worker does that shuts down', async () => {
    const { kubernetes, listeners } = server({ [CHILD]: application('RUNNING') });
    const environment = new MockActivityEnvironment();
    const ended = wait(kubernetes, environment);
    while (listeners.size === 0) await Promise.resolve();
    environment.cancel('WORKER_SHUTDOWN');
    await expect(ended).rejects.toThrow('WORKER_SHUTDOWN');
    expect(listeners.size).toBe(0);
  });
});
