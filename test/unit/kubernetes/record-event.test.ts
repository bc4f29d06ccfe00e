import { describe, expect, it } from 'vitest';
import { eventually } from '../../../lab/eventually.ts';
import {
  EventRecorder,
  KubernetesError,
  KubernetesErrorType,
  recordEvent,
  type CoreEvent,
  type KubernetesClient,
  type ObjectEvent,
} from '../../../src/kubernetes/index.ts';

const event: ObjectEvent = {
  about: { apiVersion: 'v1', kind: 'Pod', namespace: 'etl', name: 'pi-driver', uid: 'uid' },
  ...{ type: 'Normal', reason: 'SparkDriverRunning', message: 'Driver pi-driver is running', by: 'worker' },
};

/** An API server that keeps Events, and refuses whatever is refused. */
function server(refused?: KubernetesErrorType): { kubernetes: KubernetesClient; events: Map<string, CoreEvent> } {
  const events = new Map<string, CoreEvent>();
  const refuse = (type: KubernetesErrorType) => Promise.reject(new KubernetesError({ type, message: type }));
  const kubernetes = {
    create: (_: unknown, created: CoreEvent) => {
      if (refused !== undefined) return refuse(refused);
      const { name = '' } = created.metadata;
      if (events.has(name)) return refuse(KubernetesErrorType.AlreadyExists);
      events.set(name, created);
      return Promise.resolve(created);
    },
    async *list(_: unknown, __: unknown, { fieldSelector = '' }: { fieldSelector?: string }) {
      const found = events.get(fieldSelector.replace('metadata.name=', ''));
      yield await Promise.resolve(found === undefined ? [] : [found]);
    },
    patch: (_: unknown, __: unknown, name: string, ___: unknown, change: object) => {
      events.set(name, { ...events.get(name)!, ...change });
      return Promise.resolve({});
    },
  } as unknown as KubernetesClient;
  return { kubernetes, events };
}

describe('an Event', () => {
  it('that is recorded again is counted, by whichever process', async () => {
    const { kubernetes, events } = server();
    await recordEvent(kubernetes, event);
    await recordEvent(kubernetes, event);
    await recordEvent(kubernetes, event);
    await recordEvent(kubernetes, { ...event, message: 'another' });
    expect([...events.values()].map(({ count }) => count)).toEqual([3, 1]);
  });

  it('that several record once is not counted', async () => {
    const { kubernetes, events } = server();
    await recordEvent(kubernetes, { ...event, once: true });
    await recordEvent(kubernetes, { ...event, once: true });
    expect([...events.values()].map(({ count }) => count)).toEqual([1]);
  });

  it('has a name that the API server takes, however long that of its object is', async () => {
    const { kubernetes, events } = server();
    await recordEvent(kubernetes, {
      ...event,
      about: { ...event.about, name: `${'a'.repeat(199)}-${'b'.repeat(53)}` },
    });
    expect([...events.keys()][0]).toMatch(/^a{199}\.[0-9a-f]{16}$/);
  });

  it.each([KubernetesErrorType.NamespaceTerminating, KubernetesErrorType.Forbidden, KubernetesErrorType.Unreachable])(
    'that is refused as %s fails nothing',
    async (refused) => {
      await expect(recordEvent(server(refused).kubernetes, event)).resolves.toBeUndefined();
    },
  );
});

it('a recorder drops what is more than a thousand Events behind, and whatever cannot be recorded', async () => {
  const { kubernetes, events } = server();
  let connect!: (client: KubernetesClient) => void;
  const connected = new Promise<KubernetesClient>((resolve) => (connect = resolve));
  const recorder = new EventRecorder(() => connected);
  recorder.record(...Array.from({ length: 1_500 }, (_, index) => ({ ...event, message: `${index}` })));
  connect(kubernetes);
  // One of those that wait is taken up at once.
  await eventually('the Events', () => events.size >= 1_000);
  recorder.record({ ...event, message: 'last' });
  await eventually('the last one', () => [...events.values()].at(-1)?.message === 'last');
  expect(events.size).toBe(1_001);
  new EventRecorder(() => Promise.reject(new Error('no cluster'))).record(event);
});
