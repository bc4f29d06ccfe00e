import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabBase } from '../base.ts';

/** Controllers without which a kubelet does not start, as far as the kernel has them. */
const controllers = ['cpu', 'cpuset', 'memory', 'hugetlb', 'pids'];

/** Makes the folder below which the pods of this lab get theirs, in every hierarchy; returns it as the kubelet names it. */
export async function createCgroupRoot(base: LabBase): Promise<string> {
  const root = `/temporal-spark-lab-${base.id}`;
  for (const { mountPoint, version } of await cgroupHierarchies()) {
    const path = join(mountPoint, root);
    base.record.add({ kind: 'cgroup', path });
    if (version === 2) await enableControllers(mountPoint);
    await mkdir(path);
    await raiseShare(path);
  }
  return root;
}

/**
 * By default all pods together get as much processor time as one process of the machine, and starve beside a test run:
 * here they get as much as eight.
 */
async function raiseShare(path: string): Promise<void> {
  for (const [file, share] of [
    ['cpu.shares', '8192'],
    ['cpu.weight', '800'],
  ] as const) {
    if (existsSync(join(path, file))) await writeFile(join(path, file), share);
  }
}

export interface CgroupHierarchy {
  readonly mountPoint: string;
  readonly version: 1 | 2;
}

/** Where cgroups are mounted: one place (version 2), or one for each controller (version 1), and possibly both. */
export async function cgroupHierarchies(): Promise<CgroupHierarchy[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' '));
  return mounts.flatMap(([, mountPoint, type]) => {
    if (mountPoint === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
    return [{ mountPoint, version: type === 'cgroup' ? 1 : 2 }];
  });
}

/** In version 2 a folder has the controllers that the one above it hands down. */
async function enableControllers(mountPoint: string): Promise<void> {
  const available = (await readFile(join(mountPoint, 'cgroup.controllers'), 'utf8')).trim().split(' ');
  const wanted = controllers
    .filter((controller) => available.includes(controller))
    .map((controller) => `+${controller}`);
  if (wanted.length > 0) await writeFile(join(mountPoint, 'cgroup.subtree_control'), wanted.join(' '));
}
