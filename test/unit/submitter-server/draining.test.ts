import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { SubmissionServer, SUBMIT_PATH, type SubmissionLimits } from '../../../src/submitter-server/index.ts';
import { submissionBody, submitResponse } from '../../support/submit-response.ts';

/** Characters of the body that are sent at first. */
const BEGINNING = 10;

const serve = (limits: SubmissionLimits = {}): Promise<SubmissionServer> =>
  SubmissionServer.start({
    host: '127.0.0.1',
    port: 0,
    limits,
    submit: async () => submitResponse,
  });

/** Sends the head of a submission and the beginning of its body; resolves once the server receives it. */
async function begin({ port }: SubmissionServer): Promise<ClientRequest> {
  const headers = {
    'content-type': 'application/json',
    'content-length': submissionBody.length,
    expect: '100-continue',
  };
  const request = httpRequest({ port, path: SUBMIT_PATH, method: 'POST', headers });
  onTestFinished(() => void request.destroy());
  request.on('error', () => undefined);
  request.write(submissionBody.slice(0, BEGINNING));
  await once(request, 'continue');
  return request;
}

async function answerTo(request: ClientRequest) {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { message } = JSON.parse(await text(response)) as { message: string };
  return { status: response.statusCode, connection: response.headers.connection, message };
}

const SHUTTING_DOWN = { status: 503, connection: 'close', message: 'The server is shutting down.' };

it('takes a submission whose body was arriving when it began, and refuses a new one', async () => {
  const server = await serve();
  const begun = await begin(server);
  const drained = server.drain(60_000);
  const headers = { 'content-type': 'application/json' };
  const late = httpRequest({ port: server.port, path: SUBMIT_PATH, method: 'POST', headers });
  late.end(submissionBody);
  expect(await answerTo(late)).toEqual(SHUTTING_DOWN);
  begun.end(submissionBody.slice(BEGINNING));
  expect(await answerTo(begun)).toEqual({ status: 201, connection: 'close', message: 'made' });
  await drained;
});

it('refuses a submission whose body has not arrived at the end of the grace', async () => {
  const server = await serve();
  const begun = await begin(server);
  const [answer] = await Promise.all([answerTo(begun), server.drain(20)]);
  expect(answer).toEqual(SHUTTING_DOWN);
});

it('waits no longer for a body than for any other', async () => {
  const server = await serve({ bodyTimeoutMs: 100 });
  const begun = await begin(server);
  const [{ status, message }] = await Promise.all([answerTo(begun), server.drain(60_000)]);
  expect([status, message]).toEqual([503, 'The body did not arrive within 0.1 s. Try again.']);
});
