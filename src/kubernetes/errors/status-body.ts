import type { Status } from '../objects.ts';
import type { KubernetesErrorCause } from './kubernetes-error.ts';
import { present } from '../../validation/present.ts';
import { asList, asRecord, asText, type UnknownRecord } from '../../validation/unknown-data.ts';

/** Of a text of a `Status`, in characters. What it states is in its first line; a driver's UI may send a megabyte. */
const MAX_TEXT = 4_096;
/** Of a `Status`: more are not shown. */
const MAX_CAUSES = 100;

/** What is used of a `Status`, with its texts cut to a length that any check of them can take. */
export type ReadStatus = Pick<Status, 'message' | 'reason'> & {
  readonly causes: readonly KubernetesErrorCause[];
  readonly kind?: string;
  readonly name?: string;
  readonly retryAfterSeconds?: number;
  readonly continueToken?: string;
};

/** The `Status` in the body of a response, as unknown data. Undefined for anything else, like a proxy's page. */
export function readStatus(body: string): ReadStatus | undefined {
  const status = asRecord(parsed(body));
  if (status['kind'] !== 'Status') return undefined;
  const details = asRecord(status['details']);
  const { retryAfterSeconds } = details;
  return present({
    message: textOf(status['message']),
    reason: textOf(status['reason']),
    causes: asList(details['causes'])
      .slice(0, MAX_CAUSES)
      .map((cause) => causeOf(asRecord(cause))),
    kind: textOf(details['kind']),
    name: textOf(details['name']),
    retryAfterSeconds: typeof retryAfterSeconds === 'number' ? retryAfterSeconds : undefined,
    continueToken: textOf(asRecord(status['metadata'])['continue']),
  });
}

function causeOf({ reason, message, field }: UnknownRecord): KubernetesErrorCause {
  return present({ reason: textOf(reason), message: textOf(message), field: textOf(field) });
}

const textOf = (value: unknown): string | undefined => asText(value)?.slice(0, MAX_TEXT);

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
