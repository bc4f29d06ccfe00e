import { request, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const DEADLINE_MS = 10_000;
const LONGEST_ANSWER = 2 ** 20;
const STARTING = 'Spark is starting up';

/** What a UI of Spark answers. */
export interface SparkAnswer {
  readonly status: number;
  /** Up to 1 MiB. */
  readonly body: string;
}

/**
 * Asks a web server of Spark at the other end of a connection, which is closed then.
 *
 * @param path such as `/api/v1/applications`
 * @throws Error where no web server answers in ten seconds, or Spark is starting up
 */
export async function askSpark(connection: Duplex, path: string, signal: AbortSignal): Promise<SparkAnswer> {
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = {
        path,
        host: 'localhost',
        headers: { connection: 'close' },
        createConnection: () => connection,
        signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
      };
      request(options, resolve).once('error', reject).end();
    });
    const { statusCode: status = 0 } = response;
    const body = await bodyOf(response);
    // Its answer to every path until its UI is complete.
    if (body.startsWith(STARTING)) throw new Error(STARTING);
    return { status, body };
  } finally {
    connection.on('error', () => undefined).destroy();
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    body += chunk;
    if (body.length > LONGEST_ANSWER) break;
  }
  return body;
}

/** The applications that a UI shows; none where it does not list them, such as behind a filter. */
export function applicationIdsIn(answer: SparkAnswer): readonly string[] {
  const listed = jsonIn(answer);
  return Array.isArray(listed) ? listed.map((each: { readonly id?: unknown } | null) => String(each?.id)) : [];
}

/** What it answered as JSON; undefined for a failure, and for a page. */
export function jsonIn({ status, body }: SparkAnswer): unknown {
  if (status !== 200) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
