import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { asRecord, asText } from '../../src/validation/unknown-data.ts';
import { present } from '../../src/validation/present.ts';
import type { WrittenStatus } from './status-invariants.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { Label } from '../../src/spark/metadata.ts';

/** What the API server records of driver pods and statuses, by `namespace/application`. */
export interface Audited {
  readonly creations: ReadonlyMap<string, readonly { readonly submissionId: string }[]>;
  /** Requests that took a finalizer off. Times in milliseconds since the epoch. */
  readonly releases: ReadonlyMap<string, readonly { readonly uid: string; readonly at: number }[]>;
  /** When the kubelet removed a pod, or a request took a finalizer off, in their order. Times as above. */
  readonly removals: ReadonlyMap<string, readonly number[]>;
  /** Requests that wrote a state. */
  readonly statuses: ReadonlyMap<string, readonly WrittenStatus[]>;
}

interface AuditEvent {
  readonly verb: string;
  readonly user?: { readonly username?: string };
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; namespace?: string; name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestObject?: unknown;
  /** With microseconds. */
  readonly requestReceivedTimestamp: string;
}

interface JsonPatchOperation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

export async function readAuditLog(file: string): Promise<Audited> {
  const creations = new Map<string, { submissionId: string }[]>();
  const releases = new Map<string, { uid: string; at: number }[]>();
  const removals = new Map<string, number[]>();
  const statuses = new Map<string, WrittenStatus[]>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!AUDITED.test(line) || line.includes('dryRun=All')) continue;
    const event = parse(line);
    const { resource, subresource, namespace, name } = event?.objectRef ?? {};
    const code = event?.responseStatus?.code ?? 0;
    if (event === undefined || code >= 300) continue;
    if (resource === 'sparkapplications' && subresource === 'status') {
      const written = statusOf(event);
      if (written !== undefined) add(statuses, `${namespace}/${name}`, written);
    }
    if (resource !== 'pods' || subresource !== undefined) continue;
    if (event.verb === 'create') {
      const { labels = {} } = (event.requestObject as Pod).metadata ?? {};
      const submissionId = labels[Label.SubmissionId];
      if (submissionId !== undefined) add(creations, `${namespace}/${labels[Label.AppName]}`, { submissionId });
    } else if (event.verb === 'delete') {
      // Of the kubelet: it removes a pod whose containers have ended.
      if (event.user?.username !== 'kwok') continue;
      add(removals, applicationOf(event), receivedAt(event));
    } else if (event.verb === 'patch' && Array.isArray(event.requestObject)) {
      const operations = event.requestObject as readonly JsonPatchOperation[];
      const uid = operations.find(({ op, path }) => op === 'test' && path === '/metadata/uid')?.value;
      const removes = operations.some(({ op, path }) => op === 'remove' && path.startsWith('/metadata/finalizers'));
      if (!removes || typeof uid !== 'string') continue;
      add(releases, applicationOf(event), { uid, at: receivedAt(event) });
      add(removals, applicationOf(event), receivedAt(event));
    }
  }
  return { creations, releases, removals, statuses };
}

/** Of a request for its driver. */
const applicationOf = ({ objectRef: { namespace, name = '' } = {} }: AuditEvent): string =>
  `${namespace}/${name.replace(/-driver$/, '')}`;

const AUDITED = /"resource":"(pods|sparkapplications)"/;

/** As a whole, or field by field; undefined for what writes no state, such as those of executors. */
function statusOf(event: AuditEvent): WrittenStatus | undefined {
  if (event.verb !== 'patch' || !Array.isArray(event.requestObject)) return undefined;
  const operations = event.requestObject as readonly JsonPatchOperation[];
  const added = (path: string) => operations.find((each) => each.op === 'add' && each.path === path)?.value;
  const whole = asRecord(added('/status'));
  const state = asText(asRecord(whole['applicationState'] ?? added('/status/applicationState'))['state']);
  const submissionId = asText(whole['submissionID'] ?? added('/status/submissionID'));
  return state === undefined ? undefined : { state, at: receivedAt(event), ...present({ submissionId }) };
}

const receivedAt = ({ requestReceivedTimestamp: at }: AuditEvent): number => Date.parse(at) + microseconds(at);

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
