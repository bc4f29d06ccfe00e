import { writeFileSync, readFileSync, copyFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createCertificateAuthority } from '../../../lab/certificates.ts';
import {
  connectKubernetes,
  KubernetesErrorType,
  Opinion,
  opinionOn,
  Resources,
  type KubernetesClient,
  type Pod,
} from '../../../src/kubernetes/index.ts';
import { json, refuse, scriptedServer, VERSION, type ScriptedServer, type Script } from './scripted-server.ts';

const pod: Pod = { metadata: { name: 'p', namespace: 'n' } };
const create = (client: KubernetesClient) => client.create(Resources.pods, pod);

async function refusalOf(call: Promise<unknown>): Promise<Error> {
  return call.then(
    () => Promise.reject(new Error('It was not refused.')),
    (error: unknown) => error as Error,
  );
}

/** Refuses the creation of pods with a status, and answers to further questions by their paths. */
function refusing(status: number, answers: Readonly<Record<string, Script>>): Script {
  return (request, response) => {
    const answer = answers[request.url.pathname];
    if (answer !== undefined) return answer(request, response);
    const message = 'pods is forbidden: User "w" cannot create resource "pods" in API group "" in the namespace "n"';
    refuse(response, status, 'Refused', { message });
  };
}

const ready: Script = (_, response) => void response.writeHead(200).end('ok');
const starting: Script = (_, response) => void response.writeHead(500).end('[-]informer-sync failed');
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const review =
  (allowed: boolean): Script =>
  (_, response) =>
    json(response, 201, { status: { allowed } });
const listing =
  (...names: string[]): Script =>
  (_, response) =>
    json(response, 200, { resources: names.map((name) => ({ name })) });
const withoutPath: Script = (_, response) => void response.writeHead(404).end('404 page not found');

describe('a second opinion', () => {
  test.each<[string, number, Readonly<Record<string, Script>>, Opinion]>([
    [
      'confirms a 403 that the authorizer repeats',
      403,
      { '/readyz': ready, [REVIEWS]: review(false) },
      Opinion.Confirms,
    ],
    ['contradicts a 403 of what is allowed', 403, { '/readyz': ready, [REVIEWS]: review(true) }, Opinion.Contradicts],
    [
      'does not decide on a 403 of a server that starts',
      403,
      { '/readyz': starting, [REVIEWS]: review(false) },
      Opinion.Undecided,
    ],
    ['confirms a 403 of a server that refuses all', 403, {}, Opinion.Confirms],
    [
      'confirms a 404 of what discovery does not list',
      404,
      { '/readyz': ready, '/api/v1': listing('nodes') },
      Opinion.Confirms,
    ],
    [
      'contradicts a 404 of what discovery lists',
      404,
      { '/readyz': ready, '/api/v1': listing('pods') },
      Opinion.Contradicts,
    ],
    ['confirms a 404 where there is no API', 404, { '/readyz': withoutPath, '/api/v1': withoutPath }, Opinion.Confirms],
    ['confirms a 401 that lasts', 401, {}, Opinion.Confirms],
    ['does not decide on a 401 of a server that starts', 401, { '/readyz': starting }, Opinion.Undecided],
  ])('%s', async (_, status, answers, expected) => {
    const server = await scriptedServer(refusing(status, answers));
    const client = await server.client({ retry: { maxRetries: 0 } });
    expect(await opinionOn(await refusalOf(create(client)))).toBe(expected);
  });

  test('asks as the same user for the same right', async () => {
    const server = await scriptedServer(refusing(403, { '/readyz': ready, [REVIEWS]: review(false) }));
    const client = (await server.client()).as({ user: 'system:serviceaccount:n:spark' });
    await opinionOn(await refusalOf(client.serviceAccountToken('n', 'spark')));
    await opinionOn(await refusalOf(client.get(Resources.podDisruptionBudgets, 'n', 'b')));
    const asked = server.requests.filter(({ url }) => url.pathname === REVIEWS);
    expect(asked.map(({ headers }) => headers['impersonate-user'])).toEqual(
      Array(2).fill('system:serviceaccount:n:spark'),
    );
    expect(asked.map(({ body }) => (JSON.parse(body) as { spec: object }).spec)).toEqual([
      {
        resourceAttributes: {
          ...{ verb: 'create', group: '', resource: 'serviceaccounts', subresource: 'token' },
          ...{ namespace: 'n', name: 'spark' },
        },
      },
      {
        resourceAttributes: {
          verb: 'get',
          group: 'policy',
          resource: 'poddisruptionbudgets',
          namespace: 'n',
          name: 'b',
        },
      },
    ]);
  });
});

/** A kubeconfig file with a token and the certificate of this authority. */
async function kubeconfigOf({ address, certificates }: ScriptedServer, caFile: string): Promise<string> {
  const file = join(await mkdtemp(join(certificates.directory, 'refusals-')), 'config');
  writeKubeconfig(file, address, caFile, 'first');
  return file;
}

function writeKubeconfig(file: string, server: string, caFile: string, token: string): void {
  const ca = readFileSync(caFile).toString('base64');
  const config = {
    'current-context': 'lab',
    clusters: [{ name: 'lab', cluster: { server, 'certificate-authority-data': ca } }],
    users: [{ name: 'lab', user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
  };
  writeFileSync(file, stringify(config));
}

async function connected(kubeconfig: string): Promise<KubernetesClient> {
  const client = await connectKubernetes({ kubeconfig, retry: { maxRetries: 0 } });
  onTestFinished(() => client.close());
  return client;
}

describe('a kubeconfig that is rewritten', () => {
  test('is read again where the certificate of the server is not trusted: the authority may be the next one', async () => {
    const server = await scriptedServer((_, response) => json(response, 200, VERSION));
    const previous = await createCertificateAuthority(await mkdtemp(join(server.certificates.directory, 'previous-')));
    const file = await kubeconfigOf(server, previous.certFile);
    const client = await connected(file);
    await expect(client.version()).rejects.toMatchObject({ type: KubernetesErrorType.UntrustedServer });
    const late = await connected(file);
    writeKubeconfig(file, server.address, server.certificates.authority.certFile, 'first');
    expect(await late.version()).toBe('1.36');
  });

  test('is read again by the next call where a call comes in the middle of it', async () => {
    const server = await scriptedServer((request, response) =>
      request.headers.authorization === 'Bearer second' ? json(response, 200, VERSION) : refuse(response, 401, 'No'),
    );
    const { certFile } = server.certificates.authority;
    const file = await kubeconfigOf(server, certFile);
    const client = await connected(file);
    const whole = `${file}.whole`;
    writeKubeconfig(whole, server.address, certFile, 'second');
    writeFileSync(file, '');
    await expect(client.version()).rejects.toMatchObject({ type: KubernetesErrorType.InvalidConfiguration });
    copyFileSync(whole, file);
    expect(await client.version()).toBe('1.36');
  });
});
