import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isKubernetesError } from '../../../../kubernetes/index.ts';
import { asList, asRecord, asText } from '../../../../validation/unknown-data.ts';
import { printable } from '../../../output/printable.ts';
import { askSpark, jsonIn } from '../spark-answer.ts';
import { HistoryServerEnded } from './history-server-ended.ts';

export interface UntilListedOptions {
  /** To the port of the server. */
  readonly connect: (signal: AbortSignal) => Promise<Duplex>;
  readonly sparkApplicationId: string;
  readonly eventLogDir: string;
  readonly signal: AbortSignal;
  readonly intervalMs: number;
}

/**
 * Waits until a history server lists an application: it reads all event logs of its directory first.
 *
 * @returns the path of the application's last attempt
 * @throws HistoryServerEnded where the server has read them all and does not list it; the signal's reason;
 * KubernetesError where the connection is refused
 */
export async function untilListed(options: UntilListedOptions): Promise<string> {
  const { connect, sparkApplicationId, eventLogDir, signal, intervalMs } = options;
  const id = encodeURIComponent(sparkApplicationId);
  const ask = async (path: string) => askSpark(await connect(signal), path, signal);
  for (let reported: string | undefined; ;) {
    let why: string;
    try {
      // Before the application: what is listed then was read then.
      const isRead = hasReadAll(await ask('/'));
      const listed = jsonIn(await ask(`/api/v1/applications/${id}`));
      if (listed !== undefined) return pathOf(id, listed);
      if (isRead) throw new HistoryServerEnded(absentText(sparkApplicationId, eventLogDir));
      why = `it reads the event logs in ${eventLogDir}`;
    } catch (error) {
      const isFinal = isKubernetesError(error) ? !error.retryable : error instanceof HistoryServerEnded;
      if (signal.aborted || isFinal) throw error;
      why = (error as Error).message;
    }
    if (why !== reported) console.error(printable(`Waiting for the history server: ${why}`));
    reported = why;
    await sleep(intervalMs, undefined, { signal });
  }
}

/** By its own page, which shows when the directory was read last, and how many event logs are being read. */
const hasReadAll = ({ body }: { readonly body: string }): boolean =>
  body.includes('id="last-updated"') && !/event log\(s\) currently being\s+processed/.test(body);

function pathOf(id: string, listed: unknown): string {
  const [last] = asList(asRecord(listed)['attempts']);
  const attemptId = asText(asRecord(last)['attemptId']);
  return `/history/${id}/${attemptId === undefined ? '' : `${encodeURIComponent(attemptId)}/`}`;
}

const absentText = (id: string, dir: string): string =>
  `The history server has read ${dir}, which has no event log of ${id} that it can read. The driver may have ended before ` +
  'it wrote one, or the log was deleted or moved: look for its name in that directory.';
