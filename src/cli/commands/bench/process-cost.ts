import { readdirSync, readFileSync } from 'node:fs';

/** What this process and its children took of the machine. Children count on Linux only. */
export interface ProcessCost {
  /** User and system milliseconds. */
  readonly cpuMs: number;
  /** Bytes at the most beyond what there was before, sampled. */
  readonly memoryBytes: number;
}

const SAMPLE_MS = 200;
/** Of the clock that the kernel counts CPU time of processes in: 10 ms everywhere. */
const TICK_MS = 10;

/** Starts to measure; what is returned ends it. */
export function measureProcess(): () => ProcessCost {
  const cpuBefore = cpuMs();
  const memoryBefore = memoryBytes();
  let most = memoryBefore;
  const sample = () => (most = Math.max(most, memoryBytes()));
  const timer = setInterval(sample, SAMPLE_MS).unref();
  return () => {
    clearInterval(timer);
    sample();
    return { cpuMs: cpuMs() - cpuBefore, memoryBytes: most - memoryBefore };
  };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childCpuMs();
}

/** Of the children that have ended. */
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

/** The fields of `/proc/{pid}/stat` from the third, the state, on. */
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
