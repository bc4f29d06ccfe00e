import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabBase } from '../base.ts';

/** Controllers without which a kubelet does not start. */
export const neededControllers: readonly string[] = ['cpu', 'cpuset', 'memory', 'pids'];

/** Makes the folder below which the pods of this lab get theirs, in every hierarchy; returns it as the kubelet names it. */
export async function createCgroupRoot(base: LabBase): Promise<string> {
  const root = `/temporal-spark-lab-${base.id}`;
  for (const hierarchy of await cgroupHierarchies()) {
    const path = join(hierarchy.mountPoint, root);
    base.record.add({ kind: 'cgroup', path });
    await handDownControllers(hierarchy);
    await mkdir(path);
    await raiseShare(path);
  }
  return root;
}

/**
 * By default all pods together get as much processor time as one process of the machine, and starve during a test run:
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
  readonly controllers: readonly string[];
}

/** Where cgroups are mounted: one place (version 2), or one for each controller (version 1), and possibly both. */
export async function cgroupHierarchies(): Promise<CgroupHierarchy[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' '));
  const hierarchies: CgroupHierarchy[] = [];
  for (const [, mountPoint, type, options] of mounts as [string, string, string, string][]) {
    if (type === 'cgroup') {
      hierarchies.push({ mountPoint, version: 1, controllers: options.split(',') });
    } else if (type === 'cgroup2') {
      const available = await readFile(join(mountPoint, 'cgroup.controllers'), 'utf8');
      hierarchies.push({ mountPoint, version: 2, controllers: available.trim().split(' ') });
    }
  }
  return hierarchies;
}

/** In version 2 a folder has the controllers that the one above it hands down. */
export async function handDownControllers({ mountPoint, version, controllers }: CgroupHierarchy): Promise<void> {
  if (version === 1) return;
  const wanted = ['hugetlb', ...neededControllers].filter((controller) => controllers.includes(controller));
  if (wanted.length === 0) return;
  await writeFile(join(mountPoint, 'cgroup.subtree_control'), wanted.map((controller) => `+${controller}`).join(' '));
}
