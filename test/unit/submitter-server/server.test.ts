import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCertificateAuthority, type Certificate, type CertificateAuthority } from '../../../lab/certificates.ts';
import {
  SubmissionServer,
  SUBMIT_PATH,
  type Answered,
  type SubmissionServerOptions,
  type SubmitResponse,
} from '../../../src/submitter-server/index.ts';
import { eventually } from '../../../lab/eventually.ts';
import { submissionBody as body, submitResponse as response } from '../../support/submit-response.ts';

let server: SubmissionServer | undefined;
let answered: Answered[];
afterEach(async () => {
  await server?.drain(0);
  server = undefined;
});

/** A server whose submissions end when the test decides. */
async function serve(options: Partial<SubmissionServerOptions> = {}): Promise<SubmissionServer> {
  answered = [];
  server = await SubmissionServer.start({
    host: '127.0.0.1',
    port: 0,
    submit: async () => response,
    onAnswer: (one) => answered.push(one),
    ...options,
  });
  return server;
}

/** Submissions that wait for `end`, or for the signal. */
function held() {
  let resolve: (response: SubmitResponse) => void;
  const promise = new Promise<SubmitResponse>((resolved) => (resolve = resolved));
  const submit: SubmissionServerOptions['submit'] = (_, signal) =>
    Promise.race([
      promise,
      new Promise<never>((__, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    ]);
  return { submit, end: () => resolve(response) };
}

const post = (): Promise<Response> =>
  fetch(`http://127.0.0.1:${server!.port}${SUBMIT_PATH}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });

describe('a submission under way', () => {
  it('is finished although the client has gone', async () => {
    const { submit, end } = held();
    await serve({ submit });
    const controller = new AbortController();
    const url = `http://127.0.0.1:${server!.port}${SUBMIT_PATH}`;
    const headers = { 'content-type': 'application/json' };
    const lost = fetch(url, { method: 'POST', headers, body, signal: controller.signal });
    await eventually('it to be under way', () => server!.inFlight === 1);
    controller.abort();
    await expect(lost).rejects.toThrow();
    const drained = server!.drain(10_000);
    expect(server!.inFlight).toBe(1);
    end();
    await drained;
    expect(answered).toMatchObject([{ status: 201 }]);
  });

  it('is aborted at its deadline, and may be sent again', async () => {
    const { submit } = held();
    await serve({ submit, limits: { deadlineMs: 100 } });
    const given = await post();
    expect(given.status).toBe(500);
    expect(await given.json()).toMatchObject({ error_code: 'INTERNAL_SERVER_ERROR', submission_id: 'a' });
  });

  it('is aborted where draining takes too long', async () => {
    const { submit } = held();
    await serve({ submit });
    const given = post();
    await eventually('it to be under way', () => server!.inFlight === 1);
    await server!.drain(100);
    expect((await given).status).toBe(503);
    expect(answered).toMatchObject([{ status: 503, failure: { code: 'SUBMITTER_OVERLOADED' } }]);
  });

  it('that fails unexpectedly reports the reason only to the log', async () => {
    const submit = async () => {
      throw new TypeError('hunter2 is not a function');
    };
    await serve({ submit });
    const given = await post();
    expect(given.status).toBe(500);
    expect(await given.text()).not.toContain('hunter2');
    expect(answered).toMatchObject([{ cause: { message: 'hunter2 is not a function' } }]);
  });
});

describe('a body', () => {
  /** Sends the head with these headers, and the chunks; resolves with the answer. */
  async function send(headers: Record<string, string | number>, ...chunks: string[]) {
    const request = httpRequest({
      port: server!.port,
      path: SUBMIT_PATH,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    for (const chunk of chunks) request.write(chunk);
    request.end();
    const [given] = (await once(request, 'response')) as [IncomingMessage];
    return { status: given.statusCode, body: JSON.parse(await text(given)) as unknown };
  }

  it.each([
    ['declares it', { 'content-length': 2_000 }],
    ['is sent in pieces', { 'transfer-encoding': 'chunked' }],
  ])('that is too long and %s is answered before it is read', async (_, headers) => {
    await serve({ limits: { maxBodyBytes: 1_000 } });
    const given = await send(headers, 'x'.repeat(1_000), 'x'.repeat(1_000));
    expect(given).toMatchObject({ status: 413, body: { error_code: 'BAD_REQUEST' } });
  });

  /** Sends the head of a submission and the beginning of its body. */
  function begin(written = '{'): ReturnType<typeof httpRequest> {
    const headers = { 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' };
    const request = httpRequest({ port: server!.port, path: SUBMIT_PATH, method: 'POST', headers });
    request.on('error', () => undefined);
    request.write(written);
    return request;
  }

  it('that is slow keeps no place from others', async () => {
    await serve({ limits: { maxConcurrent: 2 } });
    const slow = [begin(), begin(), begin()];
    // The server has their heads.
    await Promise.all(slow.map((request) => once(request, 'continue')));
    expect((await post()).status).toBe(201);
    expect(server!.inFlight).toBe(0);
    for (const request of slow) request.destroy();
  });

  it('that does not arrive in time is refused, to be sent again', async () => {
    await serve({ limits: { bodyTimeoutMs: 20 } });
    const [given] = (await once(begin(), 'response')) as [IncomingMessage];
    expect([given.statusCode, given.headers['retry-after']]).toEqual([503, '2']);
    expect(JSON.parse(await text(given))).toMatchObject({
      ...{ error_code: 'SUBMITTER_OVERLOADED', message: 'The body did not arrive within 0.02 s. Try again.' },
    });
  });

  it('that makes all of them together too long is refused, to be sent again', async () => {
    const half = body.slice(0, 40);
    await serve({ limits: { maxConcurrent: 1, maxBodyBytes: body.length } });
    const first = begin(half);
    const second = begin(half);
    const [given] = (await Promise.race([once(first, 'response'), once(second, 'response')])) as [IncomingMessage];
    expect(given.statusCode).toBe(503);
    for (const request of [first, second]) request.destroy();
  });

  it.each([
    ['is not JSON', '{"password": hunter2}'],
    ['is not UTF-8', '"\xff'],
    ['is nested without end', '['.repeat(500_000)],
    ['is a list', '[]'],
    ['is null', 'null'],
  ])('that %s is refused, and not repeated', async (_, written) => {
    await serve();
    const given = await send({}, written);
    expect(given).toMatchObject({ status: 400, body: { error_code: 'BAD_REQUEST' } });
    expect(JSON.stringify(given)).not.toContain('hunter2');
  });
});

describe('TLS', () => {
  let directory: string;
  let authority: CertificateAuthority;
  let other: CertificateAuthority;
  let client: Certificate;
  let stranger: Certificate;
  const files = () => ({
    certFile: join(directory, 'tls.crt'),
    keyFile: join(directory, 'tls.key'),
    clientCaFile: join(directory, 'ca.crt'),
  });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'submitter-server-tls-'));
    authority = await createCertificateAuthority(join(directory, 'authority'));
    other = await createCertificateAuthority(join(directory, 'other'));
    client = await authority.issue({ name: 'client', commonName: 'operator' });
    stranger = await other.issue({ name: 'client', commonName: 'operator' });
  });
  afterAll(() => rm(directory, { recursive: true }));

  /** Puts a new certificate of the server's, of that authority, where the server looks; the last file completes it. */
  async function install(from: CertificateAuthority, name: string): Promise<void> {
    const { certFile, keyFile } = await from.issue({ name, commonName: name, ips: ['127.0.0.1'] });
    await copyFile(from.certFile, files().clientCaFile);
    await copyFile(keyFile, files().keyFile);
    await copyFile(certFile, files().certFile);
  }

  /** The status, and the name in the server's certificate. */
  async function postAs(shown: Certificate | undefined, trusted = authority) {
    const agent = new TlsAgent({
      ca: await readFile(trusted.certFile),
      ...(shown && { cert: await readFile(shown.certFile), key: await readFile(shown.keyFile) }),
    });
    const request = httpsRequest({
      agent,
      host: '127.0.0.1',
      port: server!.port,
      path: SUBMIT_PATH,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    request.end(body);
    try {
      const [given] = (await once(request, 'response')) as [IncomingMessage];
      const { subject } = (given.socket as TLSSocket).getPeerCertificate();
      given.resume();
      return { status: given.statusCode, server: subject.CN };
    } finally {
      agent.destroy();
    }
  }

  it('of the server alone requires nothing of clients', async () => {
    await install(authority, 'one');
    const { certFile, keyFile } = files();
    await serve({ tls: { certFile, keyFile } });
    expect(await postAs(undefined)).toEqual({ status: 201, server: 'one' });
  });

  it('of both sides admits only clients with a certificate of the authority', async () => {
    await install(authority, 'one');
    const refused: Error[] = [];
    await serve({ tls: files(), onRefusedConnection: (error) => refused.push(error) });
    expect(await postAs(client)).toMatchObject({ status: 201 });
    await expect(postAs(undefined)).rejects.toThrow();
    await expect(postAs(stranger)).rejects.toThrow();
    await eventually('both to be reported', () => refused.length === 2);
    await expect(post()).rejects.toThrow();
    expect(answered).toHaveLength(1);
  });

  it('reloads new files without a restart, and keeps the old ones as long as the new do not fit', async () => {
    await install(authority, 'one');
    const reloads: (Error | undefined)[] = [];
    await serve({ tls: files(), tlsIntervalMs: 20, onReload: (error) => reloads.push(error) });
    expect(await postAs(client)).toEqual({ status: 201, server: 'one' });
    await writeFile(files().keyFile, 'rubbish');
    await eventually('the invalid file to be reported', () => reloads.at(-1) instanceof Error);
    expect(await postAs(client)).toEqual({ status: 201, server: 'one' });
    await install(other, 'two');
    await eventually('the new ones to be taken', () => reloads.length > 0 && reloads.at(-1) === undefined);
    expect(await postAs(stranger, other)).toEqual({ status: 201, server: 'two' });
    await expect(postAs(client, other)).rejects.toThrow();
  });

  it('keeps the old files while a new one is empty, because it is being written', async () => {
    await install(authority, 'one');
    const reloads: (Error | undefined)[] = [];
    await serve({ tls: files(), tlsIntervalMs: 20, onReload: (error) => reloads.push(error) });
    for (const file of Object.values(files())) {
      await writeFile(file, '');
      await eventually('the empty file to be reported', () => reloads.at(-1)?.message.includes(`${file} is empty`));
      expect(await postAs(client)).toEqual({ status: 201, server: 'one' });
      await install(authority, 'one');
      await eventually('the whole files to be taken', () => reloads.at(-1) === undefined);
    }
  });

  it('that cannot be set up keeps the server from starting, and the error names the file', async () => {
    const missing = { ...files(), certFile: join(directory, 'missing.crt') };
    await expect(serve({ tls: missing })).rejects.toThrow(missing.certFile);
  });
});
