import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often each was called, by verb and resource: `create pods`. */
export type ApiCalls = Readonly<Record<string, number>>;

/** That our client sends where it is given no other. */
const USER_AGENT = 'temporal-spark';

/** Between two looks at the log; Events are recorded in the background. */
const QUIET_MS = 2_000;

interface AuditEvent {
  readonly verb: string;
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
  };
}

/** The calls of our own clients in an audit log of which only what comes after its construction is read. */
export class ApiCallCounter {
  private readonly auditLog: string;
  private readonly from: number;

  private constructor(auditLog: string, from: number) {
    this.auditLog = auditLog;
    this.from = from;
  }

  static async start(auditLog: string): Promise<ApiCallCounter> {
    return new ApiCallCounter(auditLog, (await stat(auditLog)).size);
  }

  /** Those about a namespace, once no more of them come. */
  async settled(namespace: string, signal: AbortSignal): Promise<ApiCalls> {
    const marked = Buffer.from(`"${namespace}"`);
    for (let before = -1; ;) {
      const lines = (await this.read()).filter((line) => line.includes(marked));
      if (lines.length === before) return callsIn(lines.map(String), namespace);
      before = lines.length;
      await sleep(QUIET_MS, undefined, { signal });
    }
  }

  /** The complete lines. */
  private async read(): Promise<Buffer[]> {
    const file = await open(this.auditLog);
    try {
      const { size } = await file.stat();
      const bytes = Buffer.alloc(size - this.from);
      await file.read(bytes, 0, bytes.length, this.from);
      const lines: Buffer[] = [];
      for (let start = 0, end: number; (end = bytes.indexOf(10, start)) !== -1; start = end + 1) {
        lines.push(bytes.subarray(start, end));
      }
      return lines;
    } finally {
      await file.close();
    }
  }
}

/** Watches last, and all applications share them: they are not counted. Pure. */
export function callsIn(lines: readonly string[], namespace: string): ApiCalls {
  const calls: Record<string, number> = {};
  for (const line of lines) {
    const { verb, userAgent = '', objectRef = {} } = JSON.parse(line) as AuditEvent;
    const { resource = '', subresource } = objectRef;
    if (objectRef.namespace !== namespace || verb === 'watch' || !userAgent.startsWith(USER_AGENT)) continue;
    const call = `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
    calls[call] = (calls[call] ?? 0) + 1;
  }
  return calls;
}

/** By call, how many more there are than in another profile; those that are as many are left out. Pure. */
export function callsMore(calls: ApiCalls, than: ApiCalls): ApiCalls {
  const names = [...new Set([...Object.keys(calls), ...Object.keys(than)])].sort();
  return Object.fromEntries(
    names.map((name) => [name, (calls[name] ?? 0) - (than[name] ?? 0)] as const).filter(([, more]) => more !== 0),
  );
}
