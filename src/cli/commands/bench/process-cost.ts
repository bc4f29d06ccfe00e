import { readdirSync, readFileSync } from 'node:fs';

/** CPU time and memory of this process and its children. Children count on Linux only. */
export interface ProcessCost {
  /** User and system milliseconds. */
  readonly cpuMs: number;
  /** Peak in bytes beyond the start, sampled. */
  readonly memoryBytes: number;
}

const SAMPLE_MS = 200;
/** The kernel's unit for the CPU time of processes: 10 ms everywhere. */
const TICK_MS = 10;

/** Starts a measurement; the returned function ends it. */
export function measureProcess(): () => ProcessCost {
  const cpuBefore = cpuMs();
  const memoryBefore = memoryBytes();
  let peak = memoryBefore;
  const sample = () => (peak = Math.max(peak, memoryBytes()));
  const timer = setInterval(sample, SAMPLE_MS).unref();
  return () => {
    clearInterval(timer);
    sample();
    return { cpuMs: cpuMs() - cpuBefore, memoryBytes: peak - memoryBefore };
  };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childCpuMs();
}

/** CPU time of children that have ended. */
function childCpuMs(): number {
  const fields = statOf('self');
  return fields === undefined ? 0 : (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

function memoryBytes(): number {
  return process.memoryUsage.rss() + descendants(process.pid).reduce((sum, pid) => sum + rssOf(pid), 0);
}

function descendants(ancestor: number): number[] {
  const children = new Map<number, number[]>();
  for (const pid of processes()) {
    const parent = Number(statOf(String(pid))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const below = (pid: number): number[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(ancestor);
}

function processes(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** The fields of `/proc/{pid}/stat`, starting with the third, the state. */
function statOf(pid: string): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  } catch {
    return undefined;
  }
}

function rssOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
