import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { historyLink } from '../../../src/cli/commands/ui/history-link.ts';

/** A history server that has the application `spark-1`. */
async function historyServer(): Promise<string> {
  const server = createServer(({ url }, response) => {
    response.writeHead(url === '/history-ui/api/v1/applications/spark-1' ? 200 : 404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/history-ui`;
}

it('links to the page of an application', async () => {
  const server = await historyServer();
  expect(await historyLink(server, 'spark-1')).toEqual({ link: `${server}/history/spark-1/` });
});

it('adds why the link may not work', async () => {
  expect(await historyLink(await historyServer(), 'spark-2')).toMatchObject({
    problem: expect.stringContaining('The history server does not list spark-2') as string,
  });
  expect(await historyLink('http://127.0.0.1:1', 'spark-1')).toEqual({
    link: 'http://127.0.0.1:1/history/spark-1/',
    problem: expect.stringContaining('The history server was not checked: ') as string,
  });
});
