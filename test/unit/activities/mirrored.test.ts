import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { mirroredAfter } from '../../../src/activities/mirror/mirrored.ts';
import { showsExecutors } from '../../../src/activities/mirror/shown-executors.ts';
import {
  EventRecorder,
  KubernetesError,
  KubernetesErrorType,
  type CallOptions,
  type KubernetesClient,
} from '../../../src/kubernetes/index.ts';
import type { DriverObservation, MirroredStatus, WaitInput } from '../../../src/protocol/index.ts';

afterEach(() => vi.useRealTimers());

it('gives up the status of a cancelled activity whose cluster cannot be connected to', async () => {
  let connections = 0;
  const home = async (): Promise<KubernetesClient> => {
    connections += 1;
    const type = connections < 50 ? KubernetesErrorType.Unreachable : KubernetesErrorType.Forbidden;
    throw new KubernetesError({ type, message: 'cannot connect' });
  };
  const environment = new MockActivityEnvironment();
  const activity = mirroredAfter({ home, events: new EventRecorder(home) }, async () => {
    environment.cancel();
    return 'done';
  });
  const mirror = { namespace: 'default', name: 'pi', uid: 'uid', state: 'COMPLETED' } as MirroredStatus;
  expect(await environment.run(() => activity({ mirror }))).toBe('done');
  expect(connections).toBe(1);
});

it('ends a write of executors that hangs once their driver has ended, and writes the last states', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const pod = { metadata: { name: 'exec-1', labels: { 'spark-role': 'executor' } }, status: { phase: 'Running' } };
  const written: unknown[] = [];
  let hangs: () => void = () => {};
  const hanging = new Promise<void>((resolve) => (hangs = resolve));
  const kubernetes = {
    watch: () => ({ list: () => [pod], release: () => undefined }),
    get: async () => undefined,
    patch: (_kind: unknown, _in: string, _name: string, _type: string, operations: unknown, { signal }: CallOptions) =>
      new Promise<void>((resolve, reject) => {
        written.push(operations);
        if (written.length > 1) return resolve();
        signal!.addEventListener('abort', () => reject(new Error('aborted')));
        hangs();
      }),
  } as unknown as KubernetesClient;
  const home = async () => kubernetes;
  const ended = { state: 'ENDED', outcome: { succeeded: true } } as DriverObservation;
  const wait = showsExecutors({ home, cluster: home, events: new EventRecorder(home) }, async () => {
    vi.advanceTimersByTime(10_000);
    await hanging;
    return ended;
  });
  const input = { namespace: 'default', submissionId: 'id', owner: { name: 'pi', uid: 'uid' } } as WaitInput;
  expect(await new MockActivityEnvironment().run(() => wait(input))).toBe(ended);
  expect(written).toHaveLength(2);
  expect(written[1]).toMatchObject([{}, {}, { value: { 'exec-1': 'COMPLETED' } }]);
});
