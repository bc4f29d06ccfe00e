import { describe, expect, test } from 'vitest';
import {
  KubernetesErrorType,
  PatchType,
  resourceOf,
  Resources,
  type KubernetesClient,
  type Pod,
} from '../../../src/kubernetes/index.ts';
import { json, refuse, scriptedServer, VERSION, type Script } from './scripted-server.ts';

const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n' } };

/** Plays the scripts one request at a time; the last one for all further requests. */
function inTurn(...scripts: Script[]): Script {
  return (request, response) => (scripts.length > 1 ? scripts.shift()! : scripts[0]!)(request, response);
}
const created: Script = (_, response) => json(response, 201, pod);
const refusing =
  (code: number, reason: string, extra: Parameters<typeof refuse>[3] = {}): Script =>
  (_, response) =>
    refuse(response, code, reason, extra);
const breaking: Script = (_, response) => response.stream.close(2);

describe('retries', () => {
  const create = (client: KubernetesClient) => client.create(Resources.pods, pod);
  const get = (client: KubernetesClient) => client.get(Resources.pods, 'n', 'p');
  const remove = (client: KubernetesClient) => client.delete(Resources.pods, 'n', 'p');
  const patch = (type: PatchType) => (client: KubernetesClient) => client.patch(Resources.pods, 'n', 'p', type, {});

  test.each([
    ['a create', '429', create, refusing(429, 'TooManyRequests')],
    ['a create', '503 with a Retry-After', create, refusing(503, 'x', { headers: { 'retry-after': '0' } })],
    [
      'a create',
      'losing the race for a quota',
      create,
      refusing(409, 'Conflict', { message: 'Operation cannot be fulfilled on resourcequotas "q": modified' }),
    ],
    ['a read', '429', get, refusing(429, 'TooManyRequests')],
    ['a read', '500', get, refusing(500, 'InternalError')],
    ['a read', '504', get, refusing(504, 'Timeout')],
    ['a read', 'a broken stream', get, breaking],
    ['a delete', 'a broken stream', remove, breaking],
    ['a merge patch', 'a broken stream', patch(PatchType.Merge), breaking],
    ['a strategic merge patch', '500', patch(PatchType.StrategicMerge), refusing(500, 'InternalError')],
  ])('%s after %s', async (_what, _why, call, failure) => {
    const server = await scriptedServer(inTurn(failure, failure, created));
    await call(await server.client());
    expect(server.requests).toHaveLength(3);
  });

  test.each([
    ['a create', '500', create, refusing(500, 'InternalError'), KubernetesErrorType.ServerError],
    ['a create', '503', create, refusing(503, 'ServiceUnavailable'), KubernetesErrorType.ServerError],
    ['a create', 'a broken stream', create, breaking, KubernetesErrorType.ConnectionLost],
    ['a JSON patch', 'a broken stream', patch(PatchType.Json), breaking, KubernetesErrorType.ConnectionLost],
  ])('not %s after %s, which may have been done: the caller looks first', async (_what, _why, call, failure, type) => {
    const server = await scriptedServer(inTurn(failure, created));
    await expect(call(await server.client())).rejects.toMatchObject({ type, retryable: true });
    expect(server.requests).toHaveLength(1);
  });

  test('as late as Retry-After asks', async () => {
    const times: number[] = [];
    const server = await scriptedServer((request, response) => {
      times.push(performance.now());
      const tooMany = refusing(429, 'TooManyRequests', { headers: { 'retry-after': '1' } });
      return (times.length === 1 ? tooMany : created)(request, response);
    });
    await create(await server.client());
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(1_000);
  });

  test('not when the server requests a longer delay than a call may wait: the error carries it', async () => {
    const server = await scriptedServer(refusing(429, 'TooManyRequests', { details: { retryAfterSeconds: 90 } }));
    await expect(create(await server.client())).rejects.toMatchObject({
      type: KubernetesErrorType.TooManyRequests,
      retryAfterMs: 90_000,
      status: 429,
    });
    expect(server.requests).toHaveLength(1);
  });

  test('as often and as long as the policy allows', async () => {
    const server = await scriptedServer(refusing(500, 'InternalError'));
    await expect(get(await server.client({ retry: { maxRetries: 2, initialDelayMs: 1 } }))).rejects.toThrow();
    expect(server.requests).toHaveLength(3);
    await expect(get(await server.client({ retry: { giveUpAfterMs: 10, initialDelayMs: 50 } }))).rejects.toThrow();
    expect(server.requests).toHaveLength(4);
    // Or less, where the call names a policy of its own.
    const call = { retry: { maxRetries: 1 } };
    await expect((await server.client()).get(Resources.pods, 'n', 'p', call)).rejects.toThrow();
    expect(server.requests).toHaveLength(6);
  });
});

describe('errors', () => {
  const forbidden = 'User "ada" cannot create resource "pods" in API group "" in the namespace "n"';

  test.each([
    [
      403,
      'Forbidden',
      { message: `pods is forbidden: ${forbidden}` },
      'Forbidden',
      'grant the verb "create" on "pods" in namespace "n" with a Role',
    ],
    [
      403,
      'Forbidden',
      { message: 'pods "p" is forbidden: exceeded quota: q, requested: pods=1' },
      'QuotaExceeded',
      'raise the quota',
    ],
    [
      403,
      'Forbidden',
      { message: 'pods "p" is forbidden: violates PodSecurity "restricted:latest"' },
      'AdmissionDenied',
      'PodSecurity',
    ],
    [
      403,
      'Forbidden',
      { message: 'pods "p" is forbidden: error looking up service account n/spark: serviceaccount "spark" not found' },
      'ServiceAccountNotFound',
      'create service account "spark" in namespace "n"',
    ],
    [
      403,
      'Forbidden',
      { message: 'because it is being terminated', details: { causes: [{ reason: 'NamespaceTerminating' }] } },
      'NamespaceTerminating',
      'use another namespace',
    ],
    [
      403,
      'Forbidden',
      { message: 'admission webhook "validation.gatekeeper.sh" denied the request: pods cannot mount path /var/run' },
      'AdmissionDenied',
      'cannot mount path',
    ],
    [
      403,
      'Forbidden',
      { message: 'pods "p" is forbidden: Policy "q" denied request: images cannot use path /tmp' },
      'AdmissionDenied',
      'cannot use path',
    ],
    [
      404,
      'NotFound',
      { message: 'namespaces "n" not found', details: { name: 'n', kind: 'namespaces' } },
      'NamespaceNotFound',
      'create the namespace',
    ],
    [409, 'AlreadyExists', { message: 'pods "p" already exists' }, 'AlreadyExists', 'already exists'],
    [
      400,
      'BadRequest',
      { message: 'admission webhook "w" denied the request: no' },
      'AdmissionDenied',
      'denied the request: no',
    ],
    [400, 'BadRequest', { message: 'Pod in version "v1" cannot be handled' }, 'BadRequest', 'cannot be handled'],
    [413, 'RequestEntityTooLarge', { message: 'limit is 3145728' }, 'BadRequest', 'limit is 3145728'],
    [422, 'Invalid', { message: 'Pod "p" is invalid' }, 'Invalid', 'is invalid'],
    [302, '', { headers: { location: 'https://login' } }, 'NotServed', 'not an API server'],
    [404, 'NotFound', { message: 'the server could not find the requested resource' }, 'NotServed', 'are served there'],
    [
      403,
      'Forbidden',
      { message: 'pods "p" is forbidden: not yet ready to handle request' },
      'ServerNotReady',
      'ready',
    ],
    [
      403,
      'Forbidden',
      { message: 'pods "p" is forbidden: no API token found for service account "spark", retry after the token is' },
      'ServerNotReady',
      'no API token found',
    ],
  ])('%i %s is reported as such, with the remedy', async (code, reason, extra, type, text) => {
    const server = await scriptedServer(refusing(code, reason, extra));
    const client = await server.client();
    await expect(client.create(Resources.pods, pod)).rejects.toMatchObject({
      type,
      status: code,
      verb: 'create',
      resource: 'pods',
      namespace: 'n',
      objectName: 'p',
      cluster: 'scripted',
      message: expect.stringMatching(
        /^Cannot create pods "p" in namespace "n" on cluster "scripted": .*[^.]\.$/,
      ) as string,
    });
    await expect(client.create(Resources.pods, pod)).rejects.toThrow(text);
  });

  test("a proxy's page is not an answer of the API server", async () => {
    const server = await scriptedServer((request, response) => {
      response.writeHead(request.method === 'GET' ? 404 : 502).end('<html>Bad gateway</html>');
    });
    const client = await server.client();
    await expect(client.get(Resources.pods, 'n', 'p')).rejects.toMatchObject({ type: KubernetesErrorType.NotServed });
    await expect(client.create(Resources.pods, pod)).rejects.toMatchObject({
      type: KubernetesErrorType.ServerError,
      message: 'Cannot create pods "p" in namespace "n" on cluster "scripted": HTTP 502.',
    });
  });

  test('a success that is not JSON is an error of the server', async () => {
    const server = await scriptedServer((_, response) => void response.writeHead(200).end('{"kind":"Pod","meta'));
    const client = await server.client();
    await expect(client.get(Resources.pods, 'n', 'p')).rejects.toMatchObject({ type: KubernetesErrorType.ServerError });
  });

  test('messages are one line, of bounded length, without the object that was refused', async () => {
    const dump = `spec: Forbidden: no\n  "Env": [{"Name": "PASSWORD", "Value": "hunter2"}]\n`;
    const details = { causes: [{ field: 'spec', message: dump }] };
    const server = await scriptedServer(
      inTurn(
        refusing(422, 'Invalid', { message: dump, details }),
        refusing(422, 'Invalid', { message: 'x'.repeat(9999) }),
      ),
    );
    const client = await server.client();
    const error: unknown = await client.create(Resources.pods, pod).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ causes: [{ field: 'spec', message: 'spec: Forbidden: no' }] });
    expect(JSON.stringify([error, String(error)])).not.toContain('hunter2');
    await expect(client.create(Resources.pods, pod)).rejects.toThrow(/^.{0,700}$/);
  });

  test('what a Secret holds is not repeated', async () => {
    const message =
      'Secret "s" is invalid: data[k]: Invalid value: "hunter \\"2": no, stringData: Invalid value: 7: no';
    const details = { causes: [{ field: 'data[k]', message: 'Invalid value: "hunter \\"2": no' }] };
    const server = await scriptedServer(refusing(422, 'Invalid', { message, details }));
    const client = await server.client();
    const error: unknown = await client
      .create(Resources.secrets, { metadata: { name: 's' } })
      .catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('data[k]: Invalid value: no, stringData: Invalid value: no');
    expect(error).toMatchObject({ causes: [{ message: 'Invalid value: no' }] });
  });
});

describe('calls', () => {
  const answering =
    (body: object): Script =>
    (_, response) =>
      json(response, 200, body);

  test('create names the namespace of the object, else of the context; dry runs and validation are passed on', async () => {
    const server = await scriptedServer(answering(pod));
    const client = await server.client();
    await client.create(Resources.pods, pod);
    await client.create(
      Resources.pods,
      { metadata: { generateName: 'p-' } },
      { dryRun: true, fieldValidation: 'Strict' },
    );
    await client.create(Resources.namespaces, { metadata: { name: 'x' } });
    await client.create(Resources.networkPolicies, { metadata: { name: 'x', namespace: 'n' } });
    expect(server.requests.map(({ url }) => url.pathname + url.search)).toEqual([
      '/api/v1/namespaces/n/pods',
      '/api/v1/namespaces/default/pods?dryRun=All&fieldValidation=Strict',
      '/api/v1/namespaces',
      '/apis/networking.k8s.io/v1/namespaces/n/networkpolicies',
    ]);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      body: JSON.stringify(pod),
      headers: { 'content-type': 'application/json', 'user-agent': 'temporal-spark' },
    });
  });

  test('names are escaped in paths', async () => {
    const server = await scriptedServer(answering(pod));
    await (await server.client()).get(Resources.pods, 'n/../m', 'a?b#c');
    expect(server.requests[0]?.url.pathname).toBe('/api/v1/namespaces/n%2F..%2Fm/pods/a%3Fb%23c');
  });

  test('a delete returns whether the object existed', async () => {
    const missing = refusing(404, 'NotFound', { details: { name: 'p', kind: 'pods' } });
    const server = await scriptedServer(inTurn(answering({}), missing, refusing(409, 'Conflict')));
    const client = await server.client();
    const remove = () =>
      client.delete(Resources.pods, 'n', 'p', { uid: 'u', propagationPolicy: 'Foreground', gracePeriodSeconds: 0 });
    expect([await remove(), await remove(), await remove()]).toEqual([true, false, false]);
    expect(JSON.parse(server.requests[0]!.body)).toEqual({
      propagationPolicy: 'Foreground',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'u' },
    });
  });

  test('a list comes page by page, and each item has its apiVersion and kind', async () => {
    const page = (names: string[], token?: string) =>
      answering({
        metadata: { resourceVersion: '5', continue: token },
        items: names.map((name) => ({ metadata: { name } })),
      });
    const server = await scriptedServer(inTurn(page(['a', 'b'], 'token&1'), page(['c'])));
    const client = await server.client();
    const pages: unknown[] = [];
    for await (const items of client.list(Resources.pods, 'n', { labelSelector: 'a=b,c', limit: 2 })) pages.push(items);
    const item = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name } });
    expect(pages).toEqual([[item('a'), item('b')], [item('c')]]);
    expect(server.requests.map(({ url }) => Object.fromEntries(url.searchParams))).toEqual([
      { limit: '2', labelSelector: 'a=b,c' },
      { limit: '2', labelSelector: 'a=b,c', continue: 'token&1' },
    ]);
  });

  test('a list whose continue token expired continues with the one it is offered', async () => {
    const page = (name: string, token?: string) =>
      answering({ metadata: { resourceVersion: '5', continue: token }, items: [{ metadata: { name } }] });
    const expired = refusing(410, 'Expired', { metadata: { continue: 'fresh' } });
    const server = await scriptedServer(inTurn(page('a', 'old'), expired, page('b')));
    const client = await server.client();
    const names: (string | undefined)[] = [];
    for await (const items of client.list(Resources.pods, 'n')) names.push(...items.map((item) => item.metadata?.name));
    expect(names).toEqual(['a', 'b']);
    expect(server.requests[2]?.url.searchParams.get('continue')).toBe('fresh');
  });

  test('a list whose token expired permanently fails as Expired', async () => {
    const first = answering({ metadata: { resourceVersion: '5', continue: 'old' }, items: [] });
    const server = await scriptedServer(inTurn(first, refusing(410, 'Expired')));
    const pages = (await server.client()).list(Resources.pods, 'n')[Symbol.asyncIterator]();
    await pages.next();
    await expect(pages.next()).rejects.toMatchObject({ type: KubernetesErrorType.Expired, retryable: true });
  });

  test('large objects, both ways', async () => {
    const data = { big: 'é'.repeat(500_000) };
    const server = await scriptedServer((request, response) => json(response, 201, JSON.parse(request.body) as object));
    const client = await server.client();
    const answer = await client.create(Resources.configMaps, { metadata: { name: 'big' }, data });
    expect(answer.data).toEqual(data);
  });

  test('a log is read as it is written, byte by byte', async () => {
    const server = await scriptedServer((_, response) => {
      response.writeHead(200);
      const [first, second] = [Buffer.from('héllo\n').subarray(0, 2), Buffer.from('héllo\n').subarray(2)];
      response.write(first);
      setTimeout(() => response.end(second), 20);
    });
    const client = await server.client();
    const chunks: Buffer[] = [];
    const options = { container: 'c', tailLines: 5, follow: true, timestamps: true, sinceTime: '2026-01-01T00:00:00Z' };
    for await (const chunk of client.readLog('n', 'p', options)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('héllo\n');
    expect(server.requests[0]?.url.pathname).toBe('/api/v1/namespaces/n/pods/p/log');
    expect(server.requests[0]?.url.search).toBe(
      '?container=c&tailLines=5&follow=true&timestamps=true&sinceTime=2026-01-01T00%3A00%3A00Z',
    );
    expect(await client.logs('n', 'p', { previous: true, limitBytes: 9 })).toBe('héllo\n');
  });

  test('a log that breaks off is an error, not an end', async () => {
    const server = await scriptedServer((_, response) => {
      response.writeHead(200);
      response.write('one\n', () => response.stream.close(2));
    });
    const log = (await server.client()).readLog('n', 'p', { follow: true })[Symbol.asyncIterator]();
    expect(await log.next()).toEqual({ done: false, value: Buffer.from('one\n') });
    await expect(log.next()).rejects.toMatchObject({ type: KubernetesErrorType.ConnectionLost });
  });

  test('a log that is not available is an error like any other', async () => {
    const details = { name: 'p', kind: 'pods' };
    const server = await scriptedServer(refusing(404, 'NotFound', { message: 'pods "p" not found', details }));
    const log = (await server.client()).readLog('n', 'p', { follow: true })[Symbol.asyncIterator]();
    await expect(log.next()).rejects.toMatchObject({ type: KubernetesErrorType.NotFound, resource: 'pods/log' });
  });

  test('the resource of an object is found by its kind', () => {
    expect(resourceOf(pod)).toBe(Resources.pods);
    expect(resourceOf({ apiVersion: 'scheduling.x-k8s.io/v1alpha1', kind: 'PodGroup' }).plural).toBe('podgroups');
    expect(() => resourceOf({ apiVersion: 'v2', kind: 'Pod' })).toThrow('apiVersion "v2", kind "Pod"');
  });

  test('version', async () => {
    const server = await scriptedServer(answering(VERSION));
    expect(await (await server.client()).version()).toBe('1.36');
  });
});
