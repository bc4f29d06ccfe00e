import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** One process and no other: its PID may be reused later, but not with the same start. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in whatever unit the system gives. Compared, never computed with. */
  readonly startedAt: string;
}

/** The process that has this PID now, or undefined if no process has it (a zombie does not count). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

/** True while a process of the group with this leader is left; zombies do not count. */
export function isGroupAlive(leader: number): boolean {
  try {
    process.kill(-leader, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  return readdirSync('/proc').some((name) => {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    return stat !== undefined && stat.state !== 'Z' && stat.group === leader;
  });
}

function startFromProc(pid: number): string | undefined {
  const stat = readStat(pid);
  // The start is in clock ticks since boot, so it names a process only together with the boot.
  return stat === undefined || stat.state === 'Z' ? undefined : `${bootId()}/${stat.start}`;
}

interface Stat {
  readonly state: string | undefined;
  readonly group: number;
  readonly start: string | undefined;
}

function readStat(pid: number): Stat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name is in parentheses and may hold spaces: fields are counted after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], group: Number(fields[2]), start: fields[19] };
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function startFromPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
