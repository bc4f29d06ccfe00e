import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { Label } from '../../src/spark/metadata.ts';

/** What the API server records of driver pods, by `namespace/application`. */
export interface AuditedPods {
  readonly creations: ReadonlyMap<string, readonly { readonly submissionId: string }[]>;
  /** Requests that took a finalizer off. Times in milliseconds since the epoch. */
  readonly releases: ReadonlyMap<string, readonly { readonly uid: string; readonly at: number }[]>;
}

interface AuditEvent {
  readonly verb: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; namespace?: string; name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestObject?: unknown;
  /** With microseconds. */
  readonly requestReceivedTimestamp: string;
}

interface JsonPatchOperation {
  readonly op: string;
  readonly path: string;
  readonly value?: string;
}

export async function readAuditLog(file: string): Promise<AuditedPods> {
  const creations = new Map<string, { submissionId: string }[]>();
  const releases = new Map<string, { uid: string; at: number }[]>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!line.includes('"resource":"pods"') || line.includes('dryRun=All')) continue;
    const event = parse(line);
    const { resource, subresource, namespace, name } = event?.objectRef ?? {};
    const code = event?.responseStatus?.code ?? 0;
    if (event === undefined || resource !== 'pods' || subresource !== undefined || code >= 300) continue;
    if (event.verb === 'create') {
      const { labels = {} } = (event.requestObject as Pod).metadata ?? {};
      const submissionId = labels[Label.SubmissionId];
      if (submissionId !== undefined) add(creations, `${namespace}/${labels[Label.AppName]}`, { submissionId });
    } else if (event.verb === 'patch' && Array.isArray(event.requestObject)) {
      const operations = event.requestObject as readonly JsonPatchOperation[];
      const uid = operations.find(({ op, path }) => op === 'test' && path === '/metadata/uid')?.value;
      const removes = operations.some(({ op, path }) => op === 'remove' && path.startsWith('/metadata/finalizers'));
      const at = Date.parse(event.requestReceivedTimestamp) + microseconds(event.requestReceivedTimestamp);
      if (removes && uid !== undefined) add(releases, `${namespace}/${name!.replace(/-driver$/, '')}`, { uid, at });
    }
  }
  return { creations, releases };
}

/** An API server that is killed may leave half a line. */
function parse(line: string): AuditEvent | undefined {
  try {
    return JSON.parse(line) as AuditEvent;
  } catch {
    return undefined;
  }
}

/** What `Date` leaves out, in milliseconds. */
function microseconds(timestamp: string): number {
  const fraction = /\.(\d+)Z$/.exec(timestamp)?.[1] ?? '';
  return Number(fraction.padEnd(6, '0').slice(3, 6)) / 1000;
}

function add<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
