import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkerProcess } from '../../lab/worker-process.ts';
import type { Violation } from './invariants.ts';

export type StartedProcess = Pick<WorkerProcess, 'pid' | 'exited' | 'end'>;

export interface ProcessBounds {
  /** Between SIGTERM and its end, in milliseconds; then it gets SIGKILL. */
  readonly stopWithinMs: number;
  /** Memory that it may have resident; beyond it, it gets SIGKILL. */
  readonly memoryBytes: number;
}

/** A worker cancels its activities at SIGTERM, and rests with some 400 MB. */
export const PROCESS_BOUNDS: ProcessBounds = { stopWithinMs: 90_000, memoryBytes: 2 * 2 ** 30 };

const LOOK_EVERY_MS = 1_000;

/**
 * The same process, which is killed where it exceeds its bounds: without them, one that does not stop would keep the
 * matrix waiting, and one that grows would take the memory of the whole machine.
 *
 * @param what it is, for the report
 */
export function bounded(
  process: StartedProcess,
  what: string,
  report: (violation: Violation) => void,
  { stopWithinMs, memoryBytes }: ProcessBounds = PROCESS_BOUNDS,
): StartedProcess {
  const { pid, exited } = process;
  const timer = setInterval(() => {
    const bytes = residentBytes(pid);
    if (bytes <= memoryBytes) return;
    clearInterval(timer);
    report({ harm: 'memory', what: `${what} (PID ${pid}) took ${inMiB(bytes)} and was killed` });
    void process.end('SIGKILL');
  }, LOOK_EVERY_MS);
  void exited.then(() => clearInterval(timer));
  return {
    pid,
    exited,
    async end(signal = 'SIGTERM') {
      const ended = process.end(signal);
      const waited = new AbortController();
      const late = delay(stopWithinMs, true, { signal: waited.signal }).catch(() => false);
      const isLate = await Promise.race([ended.then(() => false), late]);
      waited.abort();
      if (!isLate) return ended;
      const after = `within ${stopWithinMs / 1000} s of ${signal}`;
      const memory = inMiB(residentBytes(pid));
      report({ harm: 'unstopped', what: `${what} (PID ${pid}) did not end ${after}, had ${memory}, and was killed` });
      return process.end('SIGKILL');
    },
  };
}

const inMiB = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

/** 0 where it is gone, or the system does not show it. */
function residentBytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
