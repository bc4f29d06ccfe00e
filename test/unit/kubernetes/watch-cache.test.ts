import { setTimeout as sleep } from 'node:timers/promises';
import type { Http2ServerResponse } from 'node:http2';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  KubernetesErrorType,
  Resources,
  type KubernetesClient,
  type KubernetesObject,
  type Pod,
  type WatchLease,
} from '../../../src/kubernetes/index.ts';
import { present } from '../../../src/validation/present.ts';
import {
  eventuallyPasses,
  json,
  refuse,
  scriptedServer,
  type ScriptedServer,
  type SeenRequest,
} from './scripted-server.ts';

const WATCH = { lingerMs: 50, silenceMs: 10_000, slowDelayMs: 60_000, backoff: { initialDelayMs: 1, maxDelayMs: 20 } };

interface PodOptions {
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly phase?: string;
}

function podOf(name: string, version: number | string, { labels, namespace, phase }: PodOptions = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, resourceVersion: String(version), ...present({ labels, namespace }) },
    ...(phase === undefined ? {} : { status: { phase } }),
  };
}

type Answer = (request: SeenRequest, response: Http2ServerResponse) => void;

/** Plays lists and watches in turn, the last of each again and again. */
function server(script: { lists: Answer[]; watches: Answer[] }): Promise<ScriptedServer> {
  const turn = (answers: Answer[]) => (answers.length > 1 ? answers.shift()! : answers[0]!);
  return scriptedServer((request, response) =>
    turn(request.url.searchParams.has('watch') ? script.watches : script.lists)(request, response),
  );
}

const listing =
  (version: number, ...items: Pod[]): Answer =>
  (_, response) =>
    json(response, 200, { metadata: { resourceVersion: String(version) }, items });
const event = (type: string, object: KubernetesObject) => `${JSON.stringify({ type, object })}\n`;
const bookmark = (version: number) =>
  event('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: String(version) } });
/** Sends these, and leaves the watch open. */
const sending =
  (...lines: string[]): Answer =>
  (_, response) => {
    response.writeHead(200);
    response.write(lines.join(''));
  };
/** Sends these, and ends the watch. */
const ending =
  (...lines: string[]): Answer =>
  (_, response) =>
    void response.writeHead(200).end(lines.join(''));
const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (2)' };

interface View {
  readonly client: KubernetesClient;
  readonly pods: WatchLease<Pod>;
  /** `name=version` of each change heard of, without the version where it is gone. */
  readonly changes: string[];
  readonly versions: () => Record<string, string>;
}

async function view(of: ScriptedServer, watch: Partial<typeof WATCH> = {}): Promise<View> {
  const client = await of.client({ watch: { ...WATCH, ...watch } });
  const pods = client.watch(Resources.pods, 'n', 'app=spark');
  const changes: string[] = [];
  pods.subscribe((name, pod) => changes.push(pod === undefined ? name : `${name}=${pod.metadata?.resourceVersion}`));
  return {
    client,
    pods,
    changes,
    versions: () =>
      Object.fromEntries(pods.list().map(({ metadata }) => [metadata!.name!, metadata!.resourceVersion!])),
  };
}
const watches = ({ requests }: ScriptedServer) => requests.filter(({ url }) => url.searchParams.has('watch'));
const versionsAsked = (of: ScriptedServer) => watches(of).map(({ url }) => url.searchParams.get('resourceVersion'));

test('lists page by page, then watches from there', async () => {
  const page = (token: string | undefined, ...items: Pod[]) =>
    ((_, response) => json(response, 200, { metadata: { resourceVersion: '7', continue: token }, items })) as Answer;
  const of = await server({
    lists: [page('next', podOf('a', 3)), page(undefined, podOf('b', 5))],
    watches: [
      sending(event('MODIFIED', podOf('a', 8)), event('DELETED', podOf('b', 9)), event('ADDED', podOf('c', 10))),
    ],
  });
  const { pods, changes, versions } = await view(of);
  await pods.ready;
  expect(changes.slice(0, 2)).toEqual(['a=3', 'b=5']);
  await eventuallyPasses(() => expect(versions()).toEqual({ a: '8', c: '10' }));
  expect(changes.slice(2)).toEqual(['a=8', 'b', 'c=10']);
  expect(pods.get('b')).toBeUndefined();
  expect(Object.fromEntries(watches(of)[0]!.url.searchParams)).toMatchObject({
    labelSelector: 'app=spark',
    resourceVersion: '7',
    allowWatchBookmarks: 'true',
    timeoutSeconds: expect.stringMatching(/^[2-4]\d\d$/) as string,
  });
});

test('continues where it was after the end of a watch, including a bookmark', async () => {
  const of = await server({
    lists: [listing(7)],
    watches: [ending(event('ADDED', podOf('a', 8))), ending(bookmark(20)), sending(event('MODIFIED', podOf('a', 21)))],
  });
  const { versions } = await view(of);
  await eventuallyPasses(() => expect(versions()).toEqual({ a: '21' }));
  expect(versionsAsked(of)).toEqual(['7', '8', '20']);
  expect(of.requests).toHaveLength(4);
});

test('continues after a disconnect, and after a line that was cut off', async () => {
  const half = event('ADDED', podOf('b', 9));
  const of = await server({
    lists: [listing(7)],
    watches: [
      sending(event('ADDED', podOf('a', 8)), half.slice(0, 40)),
      ending(half.slice(0, 60)),
      ending('not json\n'),
      sending(half),
    ],
  });
  const { versions } = await view(of);
  await eventuallyPasses(() => expect(versions()).toEqual({ a: '8' }));
  of.disconnect();
  await eventuallyPasses(() => expect(versions()).toEqual({ a: '8', b: '9' }));
  expect(versionsAsked(of)).toEqual(['7', '8', '8', '8']);
});

test.each<[string, Answer]>([
  ['as an event', ending(event('ERROR', expired))],
  ['as the answer', (_, response) => refuse(response, 410, 'Expired')],
  [
    'as a resource version from the future',
    (_, response) =>
      refuse(response, 504, 'Timeout', {
        message: 'Too large resource version: 7, current: 2',
        details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
        headers: { 'retry-after': '31' },
      }),
  ],
])('410 Gone, received %s, leads to a new list, which finds what changed meanwhile', async (_, gone) => {
  const of = await server({
    lists: [listing(7, podOf('a', 3), podOf('b', 4), podOf('c', 5)), listing(90, podOf('b', 4), podOf('c', 80))],
    watches: [gone, sending()],
  });
  const { pods, changes, versions } = await view(of);
  await pods.ready;
  await eventuallyPasses(() => expect(versions()).toEqual({ b: '4', c: '80' }));
  expect(changes).toEqual(['a=3', 'b=4', 'c=5', 'a', 'c=80']);
  await eventuallyPasses(() => expect(versionsAsked(of)).toEqual(['7', '90']));
});

test('another ERROR leads to another watch', async () => {
  const broken = { kind: 'Status', code: 500, reason: 'InternalError', message: 'etcd' };
  const of = await server({
    lists: [listing(7)],
    watches: [ending(event('ERROR', broken)), sending(event('ADDED', podOf('a', 8)))],
  });
  const { versions } = await view(of);
  await eventuallyPasses(() => expect(versions()).toEqual({ a: '8' }));
  expect(versionsAsked(of)).toEqual(['7', '7']);
});

test('an object never goes back in time by an event: what is older leads to a new list', async () => {
  const of = await server({
    lists: [listing(99, podOf('a', 98)), listing(110, podOf('a', 105))],
    watches: [sending(event('MODIFIED', podOf('a', 100)), event('MODIFIED', podOf('a', 99))), sending()],
  });
  const { pods, changes } = await view(of);
  await pods.ready;
  await eventuallyPasses(() => expect(changes).toEqual(['a=98', 'a=100', 'a=105']));
});

test('a continue token that expires while listing leads to one list of everything', async () => {
  const of = await server({
    lists: [
      (_, response) =>
        json(response, 200, { metadata: { resourceVersion: '7', continue: 'old' }, items: [podOf('a', 1)] }),
      (_, response) => refuse(response, 410, 'Expired', { metadata: { continue: 'inconsistent' } }),
      listing(9, podOf('b', 8)),
    ],
    watches: [sending()],
  });
  const { pods, versions } = await view(of);
  await pods.ready;
  expect(versions()).toEqual({ b: '8' });
  expect(of.requests.slice(0, 3).map(({ url }) => url.searchParams.get('limit'))).toEqual(['500', '500', '0']);
  await eventuallyPasses(() => expect(versionsAsked(of)).toEqual(['9']));
});

test('a silent watch is restarted', async () => {
  const of = await server({ lists: [listing(7)], watches: [sending(), sending(event('ADDED', podOf('a', 8)))] });
  const { versions } = await view(of, { silenceMs: 100 });
  await eventuallyPasses(() => expect(versions()).toEqual({ a: '8' }));
});

test('a watch whose connection died is restarted', async () => {
  const of = await server({ lists: [listing(7)], watches: [sending(), sending(event('ADDED', podOf('a', 8)))] });
  const client = await of.client({ watch: WATCH, silenceMs: 400 });
  const pods = client.watch(Resources.pods, 'n', '');
  await pods.ready;
  await eventuallyPasses(() => expect(watches(of)).toHaveLength(1));
  of.freeze();
  await eventuallyPasses(() => expect(pods.list()).toHaveLength(1));
});

test('waits until the API server can be reached', async () => {
  let up = false;
  const of = await scriptedServer((request, response) => {
    if (!up) return of.disconnect();
    return request.url.searchParams.has('watch')
      ? void response.writeHead(200).write('')
      : listing(7)(request, response);
  });
  const { pods } = await view(of);
  const ready = vi.fn();
  void pods.ready.then(ready, ready);
  await sleep(300);
  expect(ready).not.toHaveBeenCalled();
  up = true;
  await pods.ready;
});

test('a forbidden list is reported once, to all waiting callers, and requested again by the next caller', async () => {
  let allowed = false;
  const of = await scriptedServer((request, response) => {
    if (!allowed) return refuse(response, 403, 'Forbidden', { message: 'User "x" cannot list resource "pods"' });
    return request.url.searchParams.has('watch')
      ? void response.writeHead(200).write('')
      : listing(7, podOf('a', 1))(request, response);
  });
  const client = await of.client({ watch: { ...WATCH, backoff: { initialDelayMs: 60_000, maxDelayMs: 60_000 } } });
  const lease = () => client.watch(Resources.pods, 'n', '');
  const waiting = [lease(), lease()];
  for (const { ready } of waiting) {
    await expect(ready).rejects.toMatchObject({ type: KubernetesErrorType.Forbidden, verb: 'list' });
  }
  await sleep(100);
  expect(of.requests).toHaveLength(1);
  allowed = true;
  await lease().ready;
  expect(waiting[0]!.list()).toHaveLength(1);
});

test('a list that a server refuses while it starts is requested again soon, without another caller', async () => {
  const of = await scriptedServer((request, response) => {
    if (of.requests.length < 4)
      return refuse(response, 403, 'Forbidden', { message: 'User "x" cannot list resource "pods"' });
    return request.url.searchParams.has('watch')
      ? void response.writeHead(200).write('')
      : listing(7, podOf('a', 1))(request, response);
  });
  const client = await of.client({ watch: WATCH });
  const pods = client.watch(Resources.pods, 'n', '');
  await expect(pods.ready).rejects.toMatchObject({ type: KubernetesErrorType.Forbidden });
  await eventuallyPasses(() => expect(pods.list()).toHaveLength(1));
  await client.watch(Resources.pods, 'n', '').ready;
});

test('all callers of the same view share one watch, until some time after the last has released it', async () => {
  const of = await server({ lists: [listing(7, podOf('a', 1))], watches: [sending()] });
  const client = await of.client({ watch: WATCH });
  const lease = (selector: string) => client.watch(Resources.pods, 'n', selector);
  const [first, second, other] = [lease('x'), lease('x'), lease('y')];
  await Promise.all([first.ready, second.ready, other.ready]);
  await eventuallyPasses(() => expect(of.requests).toHaveLength(4));

  first.release();
  first.release();
  await sleep(100);
  expect(second.list()).toHaveLength(1);
  second.release();
  const third = lease('x');
  await third.ready;
  await sleep(100);
  expect(of.requests).toHaveLength(4);
  third.release();
  await sleep(100);
  await lease('x').ready;
  await eventuallyPasses(() => expect(of.requests).toHaveLength(6));
});

test('a view of all namespaces has its objects by namespace and name', async () => {
  const twins = ['one', 'two'].map((namespace, index) => podOf('a', 5 + index, { namespace }));
  const gone = podOf('a', 8, { namespace: 'one' });
  const of = await server({ lists: [listing(7, ...twins)], watches: [sending(event('DELETED', gone))] });
  const pods = (await of.client()).watch(Resources.pods, undefined, '');
  await pods.ready;
  expect(pods.get('two/a')?.metadata?.resourceVersion).toBe('6');
  await eventuallyPasses(() => expect(pods.get('one/a')).toBeUndefined());
  expect(pods.list()).toHaveLength(1);
});

test('a released lease hears nothing more', async () => {
  const of = await server({
    lists: [listing(7)],
    watches: [
      (_, response) => {
        response.writeHead(200);
        setTimeout(() => response.write(event('ADDED', podOf('a', 8))), 50);
      },
    ],
  });
  const { client, pods, changes } = await view(of);
  const other = client.watch(Resources.pods, 'n', 'app=spark');
  await pods.ready;
  pods.release();
  await eventuallyPasses(() => expect(other.list()).toHaveLength(1));
  expect(changes).toEqual([]);
});

test('a listener for one object is called for that one only, and a listener that throws does not silence the others', async () => {
  const of = await server({
    lists: [listing(7)],
    watches: [sending(event('ADDED', podOf('a', 8)), event('ADDED', podOf('b', 9)), event('DELETED', podOf('a', 10)))],
  });
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  onTestFinished(() => warned.mockRestore());
  const { pods, changes } = await view(of);
  const heard: unknown[] = [];
  pods.subscribe(() => {
    throw new Error('a mistake');
  }, 'a');
  const stop = pods.subscribe((name, pod) => heard.push([name, pod?.metadata?.resourceVersion]), 'a');
  await eventuallyPasses(() => expect(changes).toEqual(['a=8', 'b=9', 'a']));
  expect(heard).toEqual([
    ['a', '8'],
    ['a', undefined],
  ]);
  stop();
  expect(warned).toHaveBeenCalledTimes(2);
});

test('objects are found by label as they change', async () => {
  const labelled = (name: string, version: number, id: string) => podOf(name, version, { labels: { id } });
  const of = await server({
    lists: [
      listing(7, labelled('a', 1, 'x'), labelled('b', 2, 'x'), podOf('c', 3)),
      listing(20, labelled('d', 15, 'x')),
    ],
    watches: [
      sending(
        event('MODIFIED', labelled('b', 8, 'y')),
        event('DELETED', labelled('a', 9, 'x')),
        event('ADDED', labelled('d', 10, 'x')),
      ),
      sending(),
    ],
  });
  const { pods, changes } = await view(of);
  const found = (value: string) => pods.list({ label: 'id', value }).map(({ metadata }) => metadata?.name);
  await pods.ready;
  expect([found('x'), found('y'), found('z')]).toEqual([['a', 'b'], [], []]);
  await eventuallyPasses(() => expect(changes).toContain('d=10'));
  expect([found('x'), found('y')]).toEqual([['d'], ['b']]);
});

test('unread fields are dropped', async () => {
  const heavy = (version: number): Pod => ({
    ...podOf('a', version),
    metadata: {
      ...podOf('a', version).metadata,
      managedFields: [{ manager: 'kubectl' }],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', mine: 'kept' },
    },
  });
  const of = await server({ lists: [listing(7, heavy(1))], watches: [sending(event('MODIFIED', heavy(8)))] });
  const { pods, versions } = await view(of);
  const light = (version: string) => ({
    name: 'a',
    uid: 'a',
    resourceVersion: version,
    annotations: { mine: 'kept' },
  });
  await pods.ready;
  expect(pods.get('a')?.metadata).toEqual(light('1'));
  await eventuallyPasses(() => expect(versions()).toEqual({ a: '8' }));
  expect(pods.get('a')?.metadata).toEqual(light('8'));
});

test('many large events, arriving in pieces', async () => {
  const of = await server({
    lists: [listing(7)],
    watches: [
      async (_, response) => {
        response.writeHead(200);
        const bytes = Buffer.from(
          Array.from({ length: 50 }, (_unused, i) =>
            event('ADDED', {
              ...podOf(`p${i}`, 10 + i),
              metadata: { ...podOf(`p${i}`, 10 + i).metadata, annotations: { x: 'é'.repeat(50_000) } },
            }),
          ).join(''),
        );
        for (let at = 0; at < bytes.length; at += 77_777) {
          if (!response.write(bytes.subarray(at, at + 77_777)))
            await new Promise((drained) => response.once('drain', drained));
        }
      },
    ],
  });
  const { pods } = await view(of);
  await eventuallyPasses(() => expect(pods.list()).toHaveLength(50));
  expect(pods.get('p49')?.metadata?.annotations?.['x']).toHaveLength(50_000);
});

test('a server that ends every watch at once is not called without a pause', async () => {
  const of = await server({ lists: [listing(7)], watches: [ending()] });
  const { pods } = await view(of, { backoff: { initialDelayMs: 40, maxDelayMs: 10_000 } });
  await pods.ready;
  await sleep(1_000);
  expect(watches(of).length).toBeLessThan(8);
});
