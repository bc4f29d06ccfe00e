import { readFileSync } from 'node:fs';

/** Of the kernel's accounting: `getconf CLK_TCK` is 100 on every Linux that Node supports. */
const TICK_MS = 10;

/** The processes that are measured, by name; one that does not run is left out. */
export type Processes = () => Readonly<Record<string, number | undefined>>;

/** User and system milliseconds of CPU of each process since the meter was made. */
export class CpuMeter {
  private readonly processes: Processes;
  private readonly before: Readonly<Record<string, number>>;
  private readonly begun = performance.now();

  constructor(processes: Processes) {
    this.processes = processes;
    this.before = eachProcess(processes, cpuMs);
  }

  read(): { readonly cpuMs: Readonly<Record<string, number>>; readonly seconds: number } {
    const { before } = this;
    const now = Object.entries(eachProcess(this.processes, cpuMs));
    return {
      cpuMs: Object.fromEntries(now.map(([name, ms]) => [name, ms - (before[name] ?? 0)])),
      seconds: (performance.now() - this.begun) / 1000,
    };
  }
}

/** MiB of each process: its resident set now, or the largest that it had. */
export function memoryOf(processes: Processes, field: 'VmRSS' | 'VmHWM'): Readonly<Record<string, number>> {
  return eachProcess(processes, (pid) => {
    const [, kib] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kib) / 1024;
  });
}

function eachProcess(processes: Processes, read: (pid: number) => number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(processes()).flatMap(([name, pid]) => (pid === undefined ? [] : [[name, read(pid)]])),
  );
}

function cpuMs(pid: number): number {
  // The name, in parentheses, may contain anything; utime and stime are the fields 14 and 15.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
